"""Use cases. One public function is one thing that happens in the clinic."""
