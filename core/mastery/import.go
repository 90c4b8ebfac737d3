package mastery

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/bank"
)

const (
	// importChunk is how many attempts of one student a transaction takes at most.
	importChunk = 500
	// importAhead is how many attempts are handed to the store at a time. A store that groups commits takes them in one
	// commit. Answers are recorded between two such steps.
	importAhead = 2000
	// importStudents bounds how many students these attempts belong to.
	importStudents = 128
)

// ImportedAttempt is a row of a file of attempts.
type ImportedAttempt struct {
	StudentID string
	// InstitutionID is the institution of a new student; it may be empty for a known one.
	InstitutionID string
	ItemID        string
	Correct       bool
	Latency       time.Duration
	At            time.Time
}

// Import imports the attempts of a file. Each row is checked first, against the bank, the students and the rows before
// it. The rows are applied only if nothing is wrong, in steps. An attempt that exists already, with the same student,
// item, time and outcome, is skipped, so a file that was applied in part can be applied again. It is for one goroutine.
type Import struct {
	service  *Service
	now      time.Time
	items    map[string]*bank.Item
	students []*importStudent
	byID     map[string]*importStudent
}

type importStudent struct {
	record core.Record
	// isKnown is true for a student who has a record.
	isKnown bool
	rows    []importRow
}

// importRow is small: a file may have millions.
type importRow struct {
	micros  int64
	item    *bank.Item
	latency int32 // milliseconds
	correct bool
}

// NewImport reads the bank and returns an empty import.
func (s *Service) NewImport(ctx context.Context, catalogue bank.Catalogue) (*Import, error) {
	items, _, err := catalogue.Items(ctx, bank.Everywhere(), bank.ItemFilter{Page: bank.Page{Limit: math.MaxInt32}})
	if err != nil {
		return nil, err
	}
	i := &Import{service: s, now: s.config.Now(), items: make(map[string]*bank.Item, len(items)), byID: map[string]*importStudent{}}
	for _, one := range items {
		i.items[one.ID] = &bank.Item{ID: one.ID, ConceptID: one.ConceptID, InstitutionID: one.InstitutionID}
	}
	return i, nil
}

// Add checks a row and returns what is wrong with it, "" if nothing is. An error is the store's.
func (i *Import) Add(ctx context.Context, row ImportedAttempt) (fault string, err error) {
	item, isKnown := i.items[row.ItemID]
	timeFault := TimeFault(row.At, i.now)
	switch {
	case !core.IsID(row.StudentID):
		return fmt.Sprintf("student_id is %.40q: an id is %s", row.StudentID, core.IDForm), nil
	case !isKnown:
		return fmt.Sprintf("item_id is %.40q, which the bank does not have", row.ItemID), nil
	case row.Latency < 0 || row.Latency > MaxLatency:
		return "latency_ms is not from 0 to 3600000", nil
	case timeFault != "":
		return "timestamp " + timeFault, nil
	}
	student, err := i.student(ctx, row.StudentID, row.InstitutionID)
	if err != nil {
		return "", err
	}
	home := student.record.InstitutionID
	switch {
	case home == "" && !core.IsID(row.InstitutionID):
		return "institution_id is missing, and the student is new", nil
	case home == "":
		student.record.InstitutionID = row.InstitutionID
	case row.InstitutionID != "" && row.InstitutionID != home:
		return fmt.Sprintf("institution_id is %.40q, and the student belongs to %s", row.InstitutionID, home), nil
	}
	if !bank.Within(student.record.InstitutionID).Sees(item.InstitutionID) {
		return fmt.Sprintf("item %s belongs to another institution than the student", row.ItemID), nil
	}
	student.rows = append(student.rows, importRow{
		micros: StoredTime(row.At).UnixMicro(), item: item, correct: row.Correct,
		latency: int32(row.Latency.Milliseconds()), //nolint:gosec // it is at most MaxLatency
	})
	return "", nil
}

func (i *Import) student(ctx context.Context, id, institutionID string) (*importStudent, error) {
	if student, isKnown := i.byID[id]; isKnown {
		return student, nil
	}
	student := &importStudent{record: core.Record{StudentID: id}}
	record, err := i.service.stores.Reader.Student(ctx, id)
	if err != nil {
		return nil, err
	}
	if record != nil {
		student.record, student.isKnown = *record, true
	} else if core.IsID(institutionID) {
		student.record.InstitutionID = institutionID
	}
	i.byID[id] = student
	i.students = append(i.students, student)
	return student, nil
}

// Apply records the attempts in steps, and calls done after each with the number of rows processed. added counts the
// attempts that did not exist before.
func (i *Import) Apply(ctx context.Context, done func(rows int)) (added int, err error) {
	looked := 0
	for step := range i.steps() {
		counts, faults := make([]int, len(step)), make([]error, len(step))
		var working sync.WaitGroup
		for k, part := range step {
			working.Go(func() { counts[k], faults[k] = i.absorb(ctx, part) })
		}
		working.Wait()
		for k, part := range step {
			if faults[k] != nil {
				return added, faults[k]
			}
			added += counts[k]
			looked += len(part.rows)
		}
		done(looked)
	}
	return added, nil
}

// steps divides the attempts into what is handed to the store at a time. No step has a student twice.
func (i *Import) steps() func(yield func([]importStudent) bool) {
	return func(yield func([]importStudent) bool) {
		var step []importStudent
		ahead := 0
		flush := func() bool {
			full := step
			step, ahead = nil, 0
			return len(full) == 0 || yield(full)
		}
		for _, student := range i.students {
			slices.SortFunc(student.rows, func(a, b importRow) int {
				return cmp.Or(cmp.Compare(a.micros, b.micros), cmp.Compare(a.item.ID, b.item.ID), compareBool(a.correct, b.correct))
			})
			for chunk := range slices.Chunk(student.rows, importChunk) {
				isNext := len(step) > 0 && step[len(step)-1].record.StudentID == student.record.StudentID
				if (isNext || ahead+len(chunk) > importAhead || len(step) == importStudents) && !flush() {
					return
				}
				step = append(step, importStudent{record: student.record, isKnown: student.isKnown, rows: chunk})
				ahead += len(chunk)
			}
		}
		flush()
	}
}

// absorb records part of a student's attempts, in the order of their positions.
func (i *Import) absorb(ctx context.Context, part importStudent) (added int, err error) {
	attempts := make([]Attempt, len(part.rows))
	for k, row := range part.rows {
		attempts[k] = Attempt{
			ConceptID: row.item.ConceptID,
			Position:  Position{At: time.UnixMicro(row.micros).UTC(), ItemID: row.item.ID, Correct: row.correct},
			Latency:   time.Duration(row.latency) * time.Millisecond, GradedBy: GradedByCaller,
		}
	}
	return i.service.addAll(ctx, part.record, attempts, false)
}
