package bank

// Concept is something to learn.
type Concept struct {
	ID   string
	Name string
	// Weight is how much practice prefers the concept: above 0, and 1 unless the bank says otherwise.
	Weight float64
	// InstitutionID is empty for a shared concept.
	InstitutionID string
	// Prerequisites are the ids of the concepts that this one builds on directly, sorted.
	Prerequisites []string
}

// Prerequisite means that ConceptID builds on PrerequisiteID.
type Prerequisite struct {
	PrerequisiteID string
	ConceptID      string
}

// Item is a question about one concept.
type Item struct {
	ID        string
	ConceptID string
	// Key is the key of the right option. It is empty for an item that the platform grades. No reply contains it before
	// the item is answered.
	Key     string
	Stem    string
	Options []Option
	// Explanation is shown only after the answer.
	Explanation string
	// Retired items are no longer picked; their answers are kept.
	Retired bool
	// InstitutionID is empty for a shared item.
	InstitutionID string
}

// Option is one of the answers that an item offers.
type Option struct {
	Key  string
	Text string
}

// HasOption reports whether key is one of the options, or the options are unknown.
func (i Item) HasOption(key string) bool {
	if len(i.Options) == 0 {
		return true
	}
	for _, option := range i.Options {
		if option.Key == key {
			return true
		}
	}
	return false
}
