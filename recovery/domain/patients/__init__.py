"""Who is followed: how they are asked, what they agreed to, what was found beforehand."""
