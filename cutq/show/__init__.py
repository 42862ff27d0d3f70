"""Pictures of circuits, their cuts and their fragments; nothing else imports this room."""
