package config

import (
	"errors"
	"fmt"
	"strings"
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

func unknownName(name string, known map[string]string) string {
	if near := nearest(name, known); near != "" {
		return fmt.Sprintf("sets %s, which is not a setting: is %s meant?", quote(name), near)
	}
	return "sets a name that is not a setting: it is ignored"
}

// nearest finds the real name that name is a misspelling of: at most a third of it differs, or it is a part of the real
// one (NEO4J_USER), which is as near as a single letter. It returns "" where none is near.
func nearest(name string, known map[string]string) string {
	upper := strings.ToUpper(name)
	best, bestDistance := "", 0
	for candidate := range known {
		distance := editDistance(upper, candidate)
		if len(upper) >= 4 && strings.Contains(candidate, upper) {
			distance = min(distance, 1)
		}
		closer := best == "" || distance < bestDistance || distance == bestDistance && candidate < best
		if distance <= max(2, len(upper)/3) && closer {
			best, bestDistance = candidate, distance
		}
	}
	return best
}

// editDistance is Levenshtein's: the insertions, deletions and substitutions of a byte between two names.
func editDistance(from, to string) int {
	row := make([]int, len(to)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(from) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(to) {
			substitution := diagonal
			if from[i] != to[j] {
				substitution++
			}
			diagonal = row[j+1]
			row[j+1] = min(substitution, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(to)]
}
