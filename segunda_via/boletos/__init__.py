"""What is known of boletos, Pix codes, documents and invoices. Pure: no clock, no network, no database, no Rasa."""
