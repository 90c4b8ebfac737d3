package bank

// Concept is something to be known.
type Concept struct {
	ID   string
	Name string
	// Weight is how much practice prefers the concept: 1 unless the bank says else, above 0.
	Weight float64
	// InstitutionID is empty for a concept that is shared.
	InstitutionID string
	// Prerequisites are the ids of the concepts that this one builds on directly, in their order.
	Prerequisites []string
}

// Prerequisite reports that ConceptID builds on PrerequisiteID.
type Prerequisite struct {
	PrerequisiteID string
	ConceptID      string
}

// Item is a question about one concept.
type Item struct {
	ID        string
	ConceptID string
	// Key is the key of the right option. It is empty for an item that the platform grades. No answer to a caller
	// holds it before the item was answered.
	Key     string
	Stem    string
	Options []Option
	// Explanation is shown after the answer, never before.
	Explanation string
	// Retired items are picked no more and keep their past.
	Retired bool
	// InstitutionID is empty for an item that is shared.
	InstitutionID string
}

// Option is one of the answers that an item offers.
type Option struct {
	Key  string
	Text string
}

// HasOption reports whether key is one of the options, or whether nothing is known of them.
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
