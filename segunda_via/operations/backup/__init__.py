"""A copy of everything that must survive a lost machine, and its way back.

archive.py      the file: what it holds, how it is written whole or not at all
databases.py    one database into a file and back: SQLite's online backup, pg_dump and psql
copying.py      `make`: all databases of the installation into an archive
restoring.py    `restore`: an archive into databases that are empty, or may be replaced

The secret key is in no archive: what is sealed stays sealed for whoever finds one. Keep the key elsewhere.
"""
