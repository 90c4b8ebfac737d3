package config

import (
	"fmt"
	"strings"
)

// readDotenv returns the assignments of a .env and reports what is wrong with it. Only names near a real one are quoted:
// a stray line may be a piece of a secret.
func (l *loader) readDotenv(source Source) map[string]string {
	content, err := source.read()
	if err != nil {
		l.dotenvUnread = true
		l.faults = append(l.faults, Fault{Name: source.name(), Problem: err.Error(), Example: "journey-api init makes one"})
		return nil
	}
	known := l.names()
	values, seen := map[string]string{}, map[string]int{}
	for _, line := range parseDotenv(content) {
		place := fmt.Sprintf("%s line %d", source.name(), line.number)
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
		values[line.name] = line.value
	}
	return values
}

// names maps every name that may be set to the setting it belongs to.
func (l *loader) names() map[string]string {
	names := map[string]string{}
	for _, setting := range l.table {
		names[setting.Name] = setting.Name
		if setting.Older != "" {
			names[setting.Older] = setting.Name
		}
		if setting.Secret {
			names[setting.Name+fileSuffix] = setting.Name
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
