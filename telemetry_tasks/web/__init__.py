"""What our HTTP servers share: limits, answers, the rules of HTTP that a framework leaves to its applications."""
