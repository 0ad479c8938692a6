"""Real parts for tests, each private: own folder, own port, ended with the test."""
