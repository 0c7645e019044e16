package physical

// Shorten is for tests.
func Shorten(text string, room int) string { return shorten(text, room) }
