"""`make bench`: what this assistant costs, beside Rasa's default pipeline on the same data, in the same run.

`projects` lays out the two, `training` measures training and loading, `serving` the running servers, `talking` the
conversation, `gateways` the delivery at every gateway, and `report` writes the tables. Times are seconds unless the
name says otherwise.
"""
