"""Ways to deliver a message: mail, chat services, signed webhooks."""
