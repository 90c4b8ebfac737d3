package httpapi

import "github.com/danielgtaylor/huma/v2"

// idPattern is core.IsID as a regular expression.
const idPattern = `^[A-Za-z0-9._:~-]{1,128}$`

// ID is an id of the platform, of a student, a concept or an item, as a parameter or in a body: 1 to 128 of the letters
// A-Z a-z 0-9 . _ : ~ and -. Anything else is a violation before the handler runs. Ids are compared byte by byte.
type ID string

// Schema is the schema of an id.
func (ID) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Pattern: idPattern}
}
