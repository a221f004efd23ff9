"""What the console decides by itself: who may see what, how things are said and sorted. Pure functions on frozen values."""
