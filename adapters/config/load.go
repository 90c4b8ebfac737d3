package config

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/knadh/koanf/providers/confmap"
	"github.com/knadh/koanf/v2"
)

// Layer is a place that values come from.
type Layer string

// The layers, the strongest first; a file is as strong as the variable that names it.
const (
	LayerEnvironment Layer = "environment"
	LayerDotenv      Layer = ".env"
	LayerFile        Layer = "file"
	LayerDefault     Layer = "default"
)

// Origin is where a value was read.
type Origin struct {
	Layer Layer
	// Via is the name it was read by, where that is not the setting's own: an older name, or <NAME>_FILE.
	Via string
}

// String is the layer, with the other name in parentheses.
func (o Origin) String() string {
	if o.Via == "" {
		return string(o.Layer)
	}
	return fmt.Sprintf("%s (%s)", o.Layer, o.Via)
}

// Entry is a setting in force, fit to be shown: a secret that is set is ***.
type Entry struct {
	Name   string
	Value  string
	Origin Origin
}

// Loaded is what Load found.
type Loaded struct {
	Settings Settings
	// Warnings are there beside faults too: a misspelt name explains a missing setting.
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

// Load reads the settings out of environment (names and values, as os.Environ has them) and a .env. Its error is Faults
// with everything that is wrong; Settings and InForce are then empty, Warnings are not.
func Load(environment map[string]string, dotenv Source) (Loaded, error) {
	l := loader{
		table:   Reference(),
		given:   koanf.New(delimiter),
		origins: map[string]Origin{},
		faulty:  map[string]bool{},
	}
	err := errors.Join(
		l.addLayer(LayerDotenv, l.readDotenv(dotenv)),
		l.addLayer(LayerEnvironment, environment),
		l.addSecretFiles(),
		l.parse(),
	)
	if err != nil {
		return Loaded{}, fmt.Errorf("merge the settings: %w", err)
	}
	l.checkTogether()
	if len(l.faults) > 0 {
		return Loaded{Warnings: l.loaded.Warnings}, l.faults
	}
	return l.loaded, nil
}

// delimiter occurs in no name: koanf would otherwise cut SUPABASE_URL into a tree.
const delimiter = "."

const fileSuffix = "_FILE"

type loader struct {
	table []Setting
	// given is what the layers hold, by the settings' own names and <NAME>_FILE.
	given   *koanf.Koanf
	origins map[string]Origin
	// faulty has the names whose value can't be judged further.
	faulty map[string]bool
	// dotenvUnread says that what is missing may stand in the .env.
	dotenvUnread bool
	loaded       Loaded
	faults       Faults
}

func (l *loader) fault(setting Setting, problem string) {
	l.faulty[setting.Name] = true
	fault := Fault{Name: setting.Name, Problem: problem, Example: setting.Example}
	origin := l.origins[setting.Name]
	if origin.Via != "" {
		fault.Name = origin.Via
	}
	if origin.Layer == LayerFile {
		fault.Example = "/run/secrets/" + strings.ToLower(setting.Name)
	}
	l.faults = append(l.faults, fault)
}

func (l *loader) warn(name, message string) {
	l.loaded.Warnings = append(l.loaded.Warnings, Warning{Name: name, Message: message})
}

func (l *loader) setting(name string) Setting {
	return l.table[slices.IndexFunc(l.table, func(s Setting) bool { return s.Name == name })]
}

// addLayer puts a layer over those before it. Older names are resolved inside the layer, and empty is unset.
func (l *loader) addLayer(layer Layer, raw map[string]string) error {
	values := map[string]any{}
	for _, setting := range l.table {
		for _, name := range []string{setting.Name, setting.Older} {
			value := raw[name]
			if !setting.Secret {
				value = strings.TrimSpace(value)
			}
			if name == "" || value == "" {
				continue
			}
			origin := Origin{Layer: layer}
			if name != setting.Name {
				origin.Via = name
			}
			values[setting.Name], l.origins[setting.Name] = value, origin
			break
		}
		if path := raw[setting.Name+fileSuffix]; setting.Secret && path != "" {
			values[setting.Name+fileSuffix] = path
		}
	}
	return l.given.Load(confmap.Provider(values, ""), nil)
}

func (l *loader) addSecretFiles() error {
	for _, setting := range l.table {
		via := setting.Name + fileSuffix
		if !l.given.Exists(via) {
			continue
		}
		if l.given.Exists(setting.Name) {
			l.fault(setting, "is set beside "+via+": keep one of them")
			continue
		}
		l.origins[setting.Name] = Origin{Layer: LayerFile, Via: via}
		value, err := readFile(l.given.String(via), 64<<10)
		value = strings.TrimSuffix(strings.TrimSuffix(value, "\n"), "\r")
		switch {
		case err != nil:
			l.fault(setting, "names a file that "+reason(err))
		case value == "":
			l.fault(setting, "names a file that is empty")
		default:
			if err := l.given.Set(setting.Name, value); err != nil {
				return err
			}
		}
	}
	return nil
}

// parse puts what was given over the defaults and turns it into Settings.
func (l *loader) parse() error {
	defaults := map[string]any{}
	production := l.given.String("APP_ENV") == string(Production)
	for _, setting := range l.table {
		defaults[setting.Name] = setting.Default
		if production && setting.ProductionDefault != "" {
			defaults[setting.Name] = setting.ProductionDefault
		}
	}
	merged := koanf.New(delimiter)
	if err := errors.Join(merged.Load(confmap.Provider(defaults, ""), nil), merged.Merge(l.given)); err != nil {
		return err
	}
	for _, setting := range l.table {
		l.parseOne(setting, merged.String(setting.Name))
	}
	return nil
}

func (l *loader) parseOne(setting Setting, value string) {
	origin, given := l.origins[setting.Name]
	if !given {
		origin.Layer = LayerDefault
	}
	switch {
	case l.faulty[setting.Name]:
		return
	case value == "" && setting.Required && !l.dotenvUnread:
		l.fault(setting, "is required")
	case value != "":
		if err := setting.apply(&l.loaded.Settings, value); err != nil {
			l.fault(setting, err.Error())
		}
	}
	l.loaded.InForce = append(l.loaded.InForce, Entry{Name: setting.Name, Value: shown(setting, value), Origin: origin})
}

// shown keeps a list with a line break in it from breaking the table.
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
