// Package students is the routes that export and delete a student's record.
package students

import (
	"bytes"
	"context"
	"encoding/json"
	"iter"
	"net/http"
	"time"

	"github.com/journey-os/journey-api/adapters/httpapi"
	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/students"
)

const (
	tag           = "Students"
	sampleStudent = "17553f84-6b3f-58e7-9469-f3e59d6a14db"
	// exportTimeout bounds an export: a long record to a slow client.
	exportTimeout = time.Minute
)

// Routes registers the routes.
func Routes(service *students.Service) httpapi.Routes {
	return func(r *httpapi.Registry) {
		sample := httpapi.Sample{Parameters: map[string]string{"student_id": sampleStudent}}
		httpapi.Handle(r, httpapi.Route{
			Method: http.MethodDelete, Path: "/api/students/{student_id}", Access: core.OnRecord(core.RecordDelete), Tag: tag,
			Summary: "Delete a student's record",
			Description: "Deletes all that is kept about the student, in one transaction: answers, mastery, abilities, sessions, keys of requests. " +
				"If states are written to a graph too, they are removed from it in the background. Later answers begin a new record.",
			Errors: []core.Code{core.CodeNotFound, core.CodeUnavailable}, Sample: sample,
		}, records{service}.delete)
		httpapi.Page(r, httpapi.Route{
			Method: http.MethodGet, Path: "/api/students/{student_id}/export", Access: core.OnRecord(core.RecordExport), Tag: tag,
			Summary: "Export a student's record",
			Description: "All that is kept about the student, as JSON lines: one object a row, with its `table` and its `row`. " +
				"Times are in UTC; what is not text is in base64. A reply that is cut off is not the whole record.",
			Errors: []core.Code{core.CodeNotFound, core.CodeUnavailable}, Timeout: exportTimeout, Sample: sample,
		}, "application/jsonl", records{service}.export)
	}
}

type records struct{ service *students.Service }

type input struct {
	StudentID httpapi.ID `path:"student_id"`
}

type deleted struct {
	StudentID string `json:"student_id"`
	Graph     string `json:"graph" enum:"off,pending" doc:"Whether a graph has yet to lose the student"`
}

func (h records) delete(ctx context.Context, in *input) (httpapi.Reply[deleted], error) {
	access, err := httpapi.RecordAccessOf(ctx)
	if err != nil {
		return httpapi.Reply[deleted]{}, err
	}
	pending, err := h.service.Delete(ctx, access, string(in.StudentID))
	if err != nil {
		return httpapi.Reply[deleted]{}, err
	}
	done := deleted{StudentID: string(in.StudentID), Graph: "off"}
	if pending {
		done.Graph = "pending"
	}
	return httpapi.OK(done), nil
}

func (h records) export(ctx context.Context, in *input) (httpapi.Content, error) {
	access, err := httpapi.RecordAccessOf(ctx)
	if err != nil {
		return httpapi.Content{}, err
	}
	rows, err := h.service.Export(ctx, access, string(in.StudentID))
	if err != nil {
		return httpapi.Content{}, err
	}
	return httpapi.Content{Filename: string(in.StudentID) + ".jsonl", Pieces: httpapi.JSONLines(lines(rows))}, nil
}

// line is a row as it is written, with its columns in the order of the table.
type line struct {
	Table string  `json:"table"`
	Row   columns `json:"row"`
}

type columns struct{ row students.Row }

// MarshalJSON keeps the order of the columns, which a map does not have.
func (c columns) MarshalJSON() ([]byte, error) {
	var text bytes.Buffer
	for i, name := range c.row.Columns {
		value := c.row.Values[i]
		if at, isTime := value.(time.Time); isTime {
			value = at.Format("2006-01-02T15:04:05.000000Z")
		}
		encoded, err := json.Marshal(value)
		if err != nil {
			return nil, err
		}
		separator := `,"`
		if i == 0 {
			separator = `{"`
		}
		text.WriteString(separator + name + `":`)
		text.Write(encoded)
	}
	text.WriteByte('}')
	return text.Bytes(), nil
}

func lines(rows iter.Seq2[students.Row, error]) iter.Seq2[line, error] {
	return func(yield func(line, error) bool) {
		for row, err := range rows {
			if !yield(line{Table: row.Table, Row: columns{row}}, err) {
				return
			}
		}
	}
}
