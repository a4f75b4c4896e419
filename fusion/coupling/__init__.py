"""How time is kept between participants: inboxes, links, the order of an iteration, the certificate."""
