package config

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/knadh/koanf/v2"
)

// Entry is a setting in force that can be shown: a secret that is set is ***.
type Entry struct {
	Name   string
	Value  string
	Origin Origin
}

// Loaded is what Load found.
type Loaded struct {
	Settings Settings
	// Warnings are set even if there are faults: a misspelt name explains a missing setting.
	Warnings []Warning
	// InForce has every setting in the order of Reference.
	InForce []Entry
}

// Table shows the settings in force, masked, and where each came from, one a line under a heading.
func (l Loaded) Table() string {
	rows := [][]string{{"NAME", "VALUE", "FROM"}}
	for _, entry := range l.InForce {
		rows = append(rows, []string{entry.Name, entry.Value, entry.Origin.String()})
	}
	return table(rows)
}

// Load reads the settings from environment (names and values, as in os.Environ) and a .env. Its error is Faults with
// everything that is wrong; Settings and InForce are then empty, Warnings are not.
func Load(environment map[string]string, dotenv Source) (Loaded, error) {
	return load(nil, environment, dotenv)
}

// LoadFor is Load for a program that needs only these settings. Each of them must have a value; other settings that the
// service requires may be missing. Every value that is set is checked all the same.
func LoadFor(needed []string, environment map[string]string, dotenv Source) (Loaded, error) {
	return load(append([]string{}, needed...), environment, dotenv)
}

func load(needed []string, environment map[string]string, dotenv Source) (Loaded, error) {
	l := &loader{needed: needed, given: koanf.New(delimiter), origins: map[string]Origin{}, faulty: map[string]bool{}}
	l.table = rows(&l.loaded.Settings)
	if err := l.readLayers(environment, dotenv); err != nil {
		return Loaded{}, err
	}
	l.parse()
	l.checkTogether()
	if len(l.faults) > 0 {
		return Loaded{Warnings: l.loaded.Warnings}, l.faults
	}
	return l.loaded, nil
}

type loader struct {
	// needed are the names that must have a value; nil means all that the service requires.
	needed []string
	// table puts its values into loaded.
	table []Setting
	// given is the values of the layers, by the settings' own names and <NAME>_FILE.
	given *koanf.Koanf
	// origins has the names that were set.
	origins map[string]Origin
	// faulty has the names whose value is invalid.
	faulty map[string]bool
	// dotenvUnread reports whether the .env could not be read, so that it may have what is missing.
	dotenvUnread bool
	loaded       Loaded
	faults       Faults
}

func (l *loader) setting(name string) Setting {
	return l.table[slices.IndexFunc(l.table, func(s Setting) bool { return s.Name == name })]
}

func (l *loader) fault(setting Setting, problem string) {
	l.faulty[setting.Name] = true
	fault := Fault{Name: l.nameGiven(setting.Name), Problem: problem, Example: setting.Example}
	if l.origins[setting.Name].Layer == LayerFile {
		fault.Example = "/run/secrets/" + strings.ToLower(setting.Name)
	}
	l.faults = append(l.faults, fault)
}

func (l *loader) warn(name, message string) {
	l.loaded.Warnings = append(l.loaded.Warnings, Warning{Name: name, Message: message})
}

// nameGiven is the name by which a setting was set: its own, an alias, or <NAME>_FILE.
func (l *loader) nameGiven(name string) string {
	if via := l.origins[name].Via; via != "" {
		return via
	}
	return name
}

// areValid reports whether none of the names has a fault.
func (l *loader) areValid(names ...string) bool {
	return !slices.ContainsFunc(names, func(name string) bool { return l.faulty[name] })
}

// parse turns what was given, and the defaults of what was not, into Settings.
func (l *loader) parse() {
	environment := Environment(l.given.String("APP_ENV"))
	for _, setting := range l.table {
		if l.faulty[setting.Name] {
			continue
		}
		origin, isSet := l.origins[setting.Name]
		value := l.given.String(setting.Name)
		if !isSet {
			origin.Layer, value = LayerDefault, setting.defaultIn(environment)
		}
		switch {
		case value == "" && l.requires(setting) && !l.dotenvUnread:
			l.fault(setting, "is required")
		case value != "":
			if err := setting.value.set(value); err != nil {
				l.fault(setting, err.Error())
			}
		}
		l.loaded.InForce = append(l.loaded.InForce, Entry{Name: setting.Name, Value: shown(setting, value), Origin: origin})
	}
}

func (l *loader) requires(setting Setting) bool {
	if l.needed == nil {
		return setting.Required
	}
	return slices.Contains(l.needed, setting.Name)
}

// shown replaces line breaks in a value, so that they do not break the table.
func shown(setting Setting, value string) string {
	switch {
	case setting.Secret && value != "":
		return mask
	case strings.ContainsFunc(value, func(r rune) bool { return !unicode.IsPrint(r) }):
		return strconv.QuoteToASCII(value)
	default:
		return value
	}
}
