"""What is known of boletos, Pix codes, documents and invoices. Pure: no clock, no network, no database, no Rasa.

linha_digitavel.py, pix.py  the two payment codes, parsed (pix_accounts.py: who a Pix pays; emv.py: its fields)
documents/                  CPF and CNPJ, found in free text
invoice.py                  an invoice, and which one to send
amounts.py                  what it costs today, and what codes may ask for
checks.py                   what must hold before anything is sent (check_reasons.py: in words)
payee_comparison.py         who receives the money, compared with who was confirmed
outcome.py                  how a request ended
"""
