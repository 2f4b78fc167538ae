"""What a customer receives as an image or a file: the QR code, the PDF, and the links to both.

slip.py            what a boleto shows, as data
qr.py              Pix -> PNG, decoded back before it is used
boleto_pdf.py      slip -> PDF, for gateways that have none (drawn by drawing.py)
fetch.py           the gateway's own PDF, fetched by strict host rules when it is asked for
gateway_pdf.py     reads it, compares it with the invoice, and makes a clean copy (by the program pdf_reader.py)
links.py           slip or Pix <-> an encrypted URL that lives 24 hours
delivery_links.py  the links of one delivery
"""
