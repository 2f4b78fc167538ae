"""What is changed in Rasa at run time, one file a change, each with its reason."""
