package bank

// Scope is the part of the bank that a call may see: what is shared, and what belongs to one institution or to any. The
// zero value sees what is shared alone.
type Scope struct {
	institutionID string
	everywhere    bool
}

// Within is the scope of one institution. An empty id sees what is shared alone.
func Within(institutionID string) Scope { return Scope{institutionID: institutionID} }

// Everywhere is the scope of a caller whom no institution bounds: a superadmin.
func Everywhere() Scope { return Scope{everywhere: true} }

// Institution returns the institution of the scope, and true if the scope has all of them. A store binds both to its
// queries.
func (s Scope) Institution() (id string, everywhere bool) { return s.institutionID, s.everywhere }

// Sees reports whether a concept or an item of the institution is within the scope.
func (s Scope) Sees(institutionID string) bool {
	return institutionID == "" || s.everywhere || s.institutionID == institutionID
}
