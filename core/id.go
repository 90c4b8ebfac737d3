package core

// maxID is the length of the longest id of the platform, in bytes.
const maxID = 128

// IDForm is the form of an id, to complete "an id is".
const IDForm = "1 to 128 of A-Z a-z 0-9 . _ : ~ -"

// IsID reports whether text is an id of the platform (a student, a concept, an item, an institution), of IDForm. Ids are
// compared byte by byte.
func IsID(text string) bool {
	if text == "" || len(text) > maxID {
		return false
	}
	for i := range len(text) {
		if !isCorrelationByte(text[i]) && text[i] != ':' && text[i] != '~' {
			return false
		}
	}
	return true
}
