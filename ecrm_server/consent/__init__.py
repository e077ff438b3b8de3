"""What people agree to, what is recorded of their visits with their consent, and what they are asked."""
