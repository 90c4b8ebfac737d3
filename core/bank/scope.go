package bank

// Scope is the part of the bank that a call may see: what is shared, and what belongs to one institution or to any. The
// zero value sees only what is shared.
type Scope struct {
	institutionID string
	everywhere    bool
}

// Within returns the scope of one institution. With an empty id it sees only what is shared.
func Within(institutionID string) Scope { return Scope{institutionID: institutionID} }

// Everywhere returns the scope of a caller who may see every institution: a superadmin.
func Everywhere() Scope { return Scope{everywhere: true} }

// Institution returns the institution of the scope, and reports whether the scope has all of them. A store passes both
// to its queries.
func (s Scope) Institution() (id string, everywhere bool) { return s.institutionID, s.everywhere }

// Sees reports whether a concept or an item of the institution is within the scope.
func (s Scope) Sees(institutionID string) bool {
	return institutionID == "" || s.everywhere || s.institutionID == institutionID
}
