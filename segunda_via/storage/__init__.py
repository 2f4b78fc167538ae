"""The database: engine, migrations, keys, SQLite's single writer, the audit trail."""
