package config

// Setting is one row of the table of settings. Everything about a setting comes from it.
type Setting struct {
	Name string
	// Aliases are other names of the same setting. Within one layer Name beats them, and each beats those after it.
	Aliases []string
	// Group is the heading that it is listed under.
	Group string
	// Description says in a sentence or two what the setting does. Takes says which values it takes.
	Description string
	Required    bool
	// Secret settings are masked, never quoted, and may come from a file that <Name>_FILE names.
	Secret bool
	// Default is "" if none exists; ProductionDefault is set if production has another.
	Default           string
	ProductionDefault string
	// Sample is the value in .env.example; a setting without one is commented out there.
	Sample string
	// Example is a good value to show beside a fault.
	Example string

	value value
}

// Takes is the rule for its values, in words; "" if it takes any text.
func (s Setting) Takes() string { return s.value.takes }

func (s Setting) names() []string { return append([]string{s.Name}, s.Aliases...) }

func (s Setting) defaultIn(environment Environment) string {
	if environment == Production && s.ProductionDefault != "" {
		return s.ProductionDefault
	}
	return s.Default
}

// kind is a rule for values: in words, and as a parser that checks a value. A parser's error is the sentence of the
// fault; the error of a secret or a URL quotes nothing.
type kind[T any] struct {
	takes string
	parse func(string) (T, error)
}

// value is the field that a row's value is stored in, with its rule.
type value struct {
	takes string
	set   func(string) error
}

// into declares that field holds a row's value, of this kind.
func into[T any](field *T, k kind[T]) value {
	return value{takes: k.takes, set: func(given string) error {
		parsed, err := k.parse(given)
		if err == nil {
			*field = parsed
		}
		return err
	}}
}

// Reference lists every setting in the order of the documentation.
func Reference() []Setting { return rows(new(Settings)) }

// rows is the table, whose values are stored in s.
func rows(s *Settings) []Setting {
	var table []Setting
	for _, group := range []struct {
		heading string
		rows    []Setting
	}{
		{"Supabase", supabaseSettings(&s.Supabase, &s.JWT)},
		{"Neo4j", neo4jSettings(&s.Neo4j)},
		{"Database", databaseSettings(&s.Database)},
		{"Mastery", masterySettings(&s.Mastery)},
		{"Practice", practiceSettings(&s.Practice)},
		{"Calibration", calibrationSettings(&s.Calibration)},
		{"Service", serviceSettings(s)},
		{"Tokens", tokenSettings(&s.JWT)},
		{"Health", healthSettings(&s.Health)},
		{"Timeouts and shutdown", timeoutSettings(&s.HTTP)},
		{"Limits", limitSettings(&s.HTTP)},
		{"Observability", observabilitySettings(&s.Observability)},
	} {
		for _, row := range group.rows {
			row.Group = group.heading
			if row.Example == "" {
				row.Example = row.Default
			}
			table = append(table, row)
		}
	}
	return table
}
