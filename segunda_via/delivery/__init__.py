"""The use case: a document becomes the messages of a delivery. `deliver_segunda_via` is where to begin reading."""
