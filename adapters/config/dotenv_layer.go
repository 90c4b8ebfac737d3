package config

import (
	"errors"
	"fmt"
)

// dotenvFormat is the parser of a .env for koanf: the dialect of parseDotenv, and what is wrong with a file in it.
type dotenvFormat struct {
	l      *loader
	source Source
}

// Unmarshal returns the assignments by the settings that they count for, and reports what is wrong. Only names near a
// real one are quoted: a stray line may be a piece of a secret.
func (d dotenvFormat) Unmarshal(content []byte) (map[string]any, error) {
	l, known := d.l, d.l.names()
	raw, seen := map[string]string{}, map[string]int{}
	for _, line := range parseDotenv(string(content)) {
		place := fmt.Sprintf("%s line %d", d.source.name(), line.number)
		owner, isKnown := known[line.name]
		switch {
		case line.problem != "":
			l.faulty[owner] = true
			example := "NAME=value"
			if isKnown {
				example = line.name + "='value'"
			}
			l.faults = append(l.faults, Fault{Name: place, Problem: line.problem, Example: example})
		case !isKnown:
			l.warn(place, unknownName(line.name, known))
		case seen[line.name] != 0:
			l.warn(place, fmt.Sprintf("sets %s again: it counts, line %d does not", line.name, seen[line.name]))
		}
		seen[line.name] = line.number
		raw[line.name] = line.value
	}
	values, resolve := map[string]any{}, l.resolver(Origin{Layer: LayerDotenv, Path: d.source.named()}, raw)
	for name, value := range raw {
		if key, value := resolve(name, value); key != "" {
			values[key] = value
		}
	}
	return values, nil
}

// Marshal is the other half of koanf's interface; Example writes a .env.
func (dotenvFormat) Marshal(map[string]any) ([]byte, error) { return nil, errors.ErrUnsupported }

// names maps every name that may be set to the setting it belongs to.
func (l *loader) names() map[string]string {
	names := map[string]string{}
	for _, setting := range l.table {
		for _, name := range setting.names() {
			names[name] = setting.Name
			if setting.Secret {
				names[name+fileSuffix] = setting.Name
			}
		}
	}
	return names
}
