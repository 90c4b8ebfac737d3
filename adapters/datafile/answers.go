package datafile

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/journey-os/journey-api/core/bkt"
)

// ConceptAnswers are the answers to the items of one concept.
type ConceptAnswers struct {
	Concept  string
	Students []bkt.Student
}

// ReadAnswers reads answers for a fit, a row an answer: student_id, concept_id, correct, and optionally timestamp;
// other columns are ignored. An answer is 0 or 1, or false or true. A student's answers to a concept count by timestamp
// (RFC 3339), and in the order of the rows if that is equal or missing from the file. Concepts are sorted by id,
// students by their first row.
func ReadAnswers(file *File) ([]ConceptAnswers, error) {
	const student, concept, correct, timestamp = 0, 1, 2, 3
	table, err := NewTable(file, Layout{Required: []string{"student_id", "concept_id", "correct"}, Optional: []string{"timestamp"}})
	if err != nil {
		return nil, err
	}
	gathered := answerGatherer{concepts: map[string]*conceptGatherer{}}
	for table.Next() {
		right, known := parseOutcome(table.Field(correct))
		at, timeFault := gathered.parseTimestamp(table.Field(timestamp))
		switch {
		case !table.id("student_id", table.Field(student)), !table.id("concept_id", table.Field(concept)):
		case !known:
			table.Fault("correct is %.40q: it is 0 or 1", table.Field(correct))
		case timeFault != "":
			table.Fault("%s", timeFault)
		default:
			gathered.add(table.Field(student), table.Field(concept), answer{at: at, correct: right})
		}
	}
	if err := table.Err(); err != nil {
		return nil, err
	}
	if len(gathered.concepts) == 0 {
		return nil, fmt.Errorf("%s: there is no answer in it", file.Name())
	}
	return gathered.sorted(), nil
}

func parseOutcome(field []byte) (correct, known bool) {
	if right, missing, known := parseScore(field); known && !missing {
		return right, true
	}
	isTrue := bytes.EqualFold(field, []byte("true"))
	return isTrue, isTrue || bytes.EqualFold(field, []byte("false"))
}

// parseTimestamp returns the zero time for a file without timestamps. The first row decides whether it has them.
func (g *answerGatherer) parseTimestamp(field []byte) (at time.Time, fault string) {
	isTimed := len(field) > 0
	if !g.begun {
		g.begun, g.timed = true, isTimed
	}
	switch {
	case isTimed && !g.timed:
		return time.Time{}, "timestamp is there, and the rows before have none"
	case !isTimed && g.timed:
		return time.Time{}, "timestamp is empty, and the rows before have one"
	case !isTimed:
		return time.Time{}, ""
	}
	at, err := time.Parse(time.RFC3339Nano, string(field))
	if err != nil {
		return time.Time{}, fmt.Sprintf("timestamp is %.40q: it is a time such as 2026-03-01T09:30:00Z (RFC 3339)", field)
	}
	return at, ""
}

type answer struct {
	at      time.Time
	correct bool
}

// answerGatherer collects the answers of each student to each concept.
type answerGatherer struct {
	concepts     map[string]*conceptGatherer
	begun, timed bool
}

type conceptGatherer struct {
	place    map[string]int // of each student
	students []string
	answers  [][]answer
}

func (g *answerGatherer) add(student, concept []byte, given answer) {
	of, known := g.concepts[string(concept)]
	if !known {
		of = &conceptGatherer{place: map[string]int{}}
		g.concepts[string(concept)] = of
	}
	at, known := of.place[string(student)]
	if !known {
		at = len(of.students)
		id := string(student)
		of.place[id] = at
		of.students, of.answers = append(of.students, id), append(of.answers, nil)
	}
	of.answers[at] = append(of.answers[at], given)
}

func (g *answerGatherer) sorted() []ConceptAnswers {
	all := make([]ConceptAnswers, 0, len(g.concepts))
	for _, concept := range slices.Sorted(maps.Keys(g.concepts)) {
		of := g.concepts[concept]
		students := make([]bkt.Student, len(of.students))
		for i, id := range of.students {
			given := of.answers[i]
			slices.SortStableFunc(given, func(a, b answer) int { return a.at.Compare(b.at) })
			students[i] = bkt.Student{ID: id, Answers: make([]bool, len(given))}
			for step, answer := range given {
				students[i].Answers[step] = answer.correct
			}
		}
		all = append(all, ConceptAnswers{Concept: concept, Students: students})
	}
	return all
}
