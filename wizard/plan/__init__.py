"""From guide, facts and answers to the plan made for this machine; pure."""
