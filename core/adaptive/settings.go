package adaptive

import "fmt"

// Criterion decides which item of a concept is best.
type Criterion string

// The criteria. Their values are those of the setting ADAPTIVE_CRITERION.
const (
	// CriterionInformation takes the item of most Fisher information at the student's ability.
	CriterionInformation Criterion = "information"
	// CriterionWeightedInformation takes the item of most Fisher information on average over the posterior distribution
	// of the ability (Veerkamp & Berger 1997). Early in a session that is better than the information at one uncertain
	// ability.
	CriterionWeightedInformation Criterion = "weighted_information"
	// CriterionMEPV takes the item after whose answer the variance of the ability is expected to be smallest (van der
	// Linden 1998).
	CriterionMEPV Criterion = "mepv"
)

// Settings are the platform's choices for picks. Start with DefaultSettings.
type Settings struct {
	// Ready is the least mastery at which a concept needs no practice, in (0, 1].
	Ready float64
	// Considered is how many unmastered concepts are considered; at least 1.
	Considered int
	// Hops is how far prerequisites are followed, from 0 to MaxHops.
	Hops int
	// ConceptWindow is how many of the session's last items make their concepts step back.
	ConceptWindow int
	// ItemWindow is how many of the items given last, over all sessions, are not given again.
	ItemWindow int
	// Randomesque is from how many of the best items one is drawn at random, so that not every student gets the same; 1
	// picks the best.
	Randomesque int
	// Criterion says which item is best.
	Criterion Criterion
}

// DefaultSettings returns the platform's default settings.
func DefaultSettings() Settings {
	return Settings{
		Ready: .85, Considered: 5, Hops: MaxHops, ConceptWindow: 3, ItemWindow: 20,
		Randomesque: 1, Criterion: CriterionInformation,
	}
}

// Validate returns an error that names the first setting out of its range.
func (s Settings) Validate() error {
	switch s.Criterion {
	case CriterionInformation, CriterionWeightedInformation, CriterionMEPV:
	default:
		return fmt.Errorf("criterion is %q: it must be %s, %s or %s",
			s.Criterion, CriterionInformation, CriterionWeightedInformation, CriterionMEPV)
	}
	if !(s.Ready > 0 && s.Ready <= 1) {
		return fmt.Errorf("ready is %v: it must be above 0 and at most 1", s.Ready)
	}
	for _, limit := range []struct {
		name            string
		is, least, most int
	}{
		{"considered", s.Considered, 1, 1000},
		{"hops", s.Hops, 0, MaxHops},
		{"concept window", s.ConceptWindow, 0, 1000},
		{"item window", s.ItemWindow, 0, 1000},
		{"randomesque", s.Randomesque, 1, 1000},
	} {
		if limit.is < limit.least || limit.is > limit.most {
			return fmt.Errorf("%s is %d: it must be from %d to %d", limit.name, limit.is, limit.least, limit.most)
		}
	}
	return nil
}
