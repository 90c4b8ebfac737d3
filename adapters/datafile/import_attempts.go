package datafile

import (
	"fmt"
	"strconv"
	"time"

	"github.com/journey-os/journey-api/core/mastery"
)

// ReadAttempts reads the attempts of an import, a row an attempt: student_id, item_id, correct (0 or 1, or false or
// true), timestamp (RFC 3339), and optionally latency_ms and institution_id. A file without institution_id has the
// institution that is given. add returns what is wrong with a row, "" if nothing is; its error ends the reading.
func ReadAttempts(file *File, institutionID string, add func(mastery.ImportedAttempt) (fault string, err error)) error {
	table, err := NewTable(file, Layout{
		Required: []string{"student_id", "item_id", "correct", "timestamp"}, Optional: []string{"latency_ms", "institution_id"}, Only: true,
	})
	if err != nil {
		return err
	}
	reader := attemptReader{table: table, institutionID: institutionID, ids: map[string]string{}}
	for table.Next() {
		row, fault := reader.row()
		if fault == "" {
			if fault, err = add(row); err != nil {
				return err
			}
		}
		if fault != "" {
			table.Fault("%s", fault)
		}
	}
	return table.Err()
}

type attemptReader struct {
	table         *Table
	institutionID string
	// ids has each id once: a file has few of them, and each many times.
	ids map[string]string
}

func (r *attemptReader) row() (row mastery.ImportedAttempt, fault string) {
	const student, item, correct, timestamp, latency, institution = 0, 1, 2, 3, 4, 5
	field := r.table.Field
	outcome, known := parseOutcome(field(correct))
	if !known {
		return row, fmt.Sprintf("correct is %.40q: it is 0 or 1", field(correct))
	}
	at, err := time.Parse(time.RFC3339Nano, string(field(timestamp)))
	if err != nil {
		return row, fmt.Sprintf("timestamp is %.40q: it is a time such as 2026-03-01T09:30:00Z (RFC 3339)", field(timestamp))
	}
	row = mastery.ImportedAttempt{
		StudentID: r.id(field(student)), InstitutionID: r.institutionID, ItemID: r.id(field(item)), Correct: outcome, At: at,
	}
	if named := field(institution); len(named) > 0 {
		row.InstitutionID = r.id(named)
	}
	if text := field(latency); len(text) > 0 {
		milliseconds, err := strconv.ParseInt(string(text), 10, 32)
		if err != nil {
			return row, fmt.Sprintf("latency_ms is %.40q: it is a whole number of milliseconds", text)
		}
		row.Latency = time.Duration(milliseconds) * time.Millisecond
	}
	return row, ""
}

func (r *attemptReader) id(field []byte) string {
	if known, ok := r.ids[string(field)]; ok {
		return known
	}
	id := string(field)
	r.ids[id] = id
	return id
}
