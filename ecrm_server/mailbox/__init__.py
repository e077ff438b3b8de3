"""The mailbox in which answers to our mails arrive: read over IMAP, and left as it is."""
