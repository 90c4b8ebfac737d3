package config

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/knadh/koanf/providers/env/v2"
	"github.com/knadh/koanf/providers/rawbytes"
)

// Layer is a source of values.
type Layer string

// The layers, the strongest first; a file is as strong as the variable that names it.
const (
	LayerEnvironment Layer = "environment"
	LayerDotenv      Layer = ".env"
	LayerFile        Layer = "file"
	LayerDefault     Layer = "default"
)

// Origin is where a value came from.
type Origin struct {
	Layer Layer
	// Path is the path of the .env, if the caller named one.
	Path string
	// Via is the name it was read by, if that is not the setting's own: an alias, or <NAME>_FILE.
	Via string
}

// String is the layer, or the path of its file, with the other name in parentheses.
func (o Origin) String() string {
	place := cmp.Or(o.Path, string(o.Layer))
	if o.Via == "" {
		return place
	}
	return fmt.Sprintf("%s (%s)", place, o.Via)
}

const (
	// delimiter occurs in no name: koanf would otherwise cut SUPABASE_URL into a tree.
	delimiter  = "."
	fileSuffix = "_FILE"
)

// readLayers loads the layers one over the other: .env, the environment, and the files that either names.
func (l *loader) readLayers(environment map[string]string, source Source) error {
	content, err := source.read()
	if err != nil {
		content, l.dotenvUnread = "", true
		l.faults = append(l.faults, Fault{Name: source.name(), Problem: err.Error(), Example: "journey-api init makes one"})
	}
	if err := l.given.Load(rawbytes.Provider([]byte(content)), dotenvFormat{l, source}); err != nil {
		return fmt.Errorf("read the settings: %w", err)
	}
	if err := l.given.Load(env.Provider(delimiter, env.Opt{
		EnvironFunc:   func() []string { return variables(environment) },
		TransformFunc: l.resolver(Origin{Layer: LayerEnvironment}, environment),
	}), nil); err != nil {
		return fmt.Errorf("read the settings: %w", err)
	}
	return l.readSecretFiles()
}

func variables(environment map[string]string) []string {
	list := make([]string, 0, len(environment))
	for name, value := range environment {
		list = append(list, name+"="+value)
	}
	return list
}

// resolver returns the function that koanf's providers call for each variable of a layer. It returns the key that the
// value counts for, and the value. The key is "" for a variable that is no setting, is empty, or is set together with a
// stronger name of its setting.
func (l *loader) resolver(layer Origin, raw map[string]string) func(name, value string) (string, any) {
	keys := l.keysOf(raw)
	return func(name, value string) (string, any) {
		key := keys[name]
		if key == "" {
			return "", nil
		}
		origin := layer
		if name != key || strings.HasSuffix(key, fileSuffix) {
			origin.Via = name
		}
		l.origins[key] = origin
		if !l.isSecret(key) {
			value = strings.TrimSpace(value)
		}
		return key, value
	}
}

// keysOf maps each name that counts in a layer to its setting, or to the setting's <NAME>_FILE.
func (l *loader) keysOf(raw map[string]string) map[string]string {
	keys := map[string]string{}
	for _, setting := range l.table {
		suffixes := []string{""}
		if setting.Secret {
			suffixes = append(suffixes, fileSuffix)
		}
		for _, suffix := range suffixes {
			if name := l.strongest(setting, suffix, raw); name != "" {
				keys[name] = setting.Name + suffix
			}
		}
	}
	return keys
}

// strongest returns the first name of the setting that has a value, and warns about another value by a weaker name.
func (l *loader) strongest(setting Setting, suffix string, raw map[string]string) string {
	strongest := ""
	for _, name := range setting.names() {
		name += suffix
		value := raw[name]
		switch {
		case isUnset(setting, value):
		case strongest == "":
			strongest = name
		case value != raw[strongest]:
			l.warn(name, "is another name of "+setting.Name+" and has another value: "+strongest+" counts")
		}
	}
	return strongest
}

func isUnset(setting Setting, value string) bool {
	if setting.Secret {
		return value == ""
	}
	return strings.TrimSpace(value) == ""
}

func (l *loader) isSecret(key string) bool {
	return l.setting(strings.TrimSuffix(key, fileSuffix)).Secret
}

// readSecretFiles reads the files that <NAME>_FILE names.
func (l *loader) readSecretFiles() error {
	for _, setting := range l.table {
		key := setting.Name + fileSuffix
		if !l.given.Exists(key) {
			continue
		}
		via := l.origins[key].Via
		if l.given.Exists(setting.Name) {
			l.fault(setting, "is set beside "+via+": keep one of them")
			continue
		}
		l.origins[setting.Name] = Origin{Layer: LayerFile, Via: via}
		value, err := readFile(l.given.String(key), maxSecretBytes)
		value = strings.TrimSuffix(strings.TrimSuffix(value, "\n"), "\r")
		switch {
		case err != nil:
			l.fault(setting, "names a file that "+reason(err))
		case value == "":
			l.fault(setting, "names a file that is empty")
		default:
			if err := l.given.Set(setting.Name, value); err != nil {
				return fmt.Errorf("read the settings: %w", err)
			}
		}
	}
	return nil
}
