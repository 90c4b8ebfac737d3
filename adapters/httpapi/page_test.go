package httpapi_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/journey-os/journey-api/adapters/httpapi"
	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/internal/testkit/wait"
)

type examplePage struct {
	StudentID httpapi.ID `path:"student_id"`
	Rows      int        `query:"rows" minimum:"0" maximum:"400000" default:"2"`
	Fail      string     `query:"fail"`
}

// exampleExport is JSON lines about a student: as many as are asked for, then a failure if one is asked for.
func exampleExport(r *httpapi.Registry) {
	httpapi.Page(r, httpapi.Route{
		Method: http.MethodGet, Path: "/api/records/{student_id}/export", Access: core.OnRecord(core.RecordExport), Tag: "Example",
		Summary: "Export a record", Errors: []core.Code{codeNoExample}, Timeout: time.Minute,
	}, "application/jsonl", func(ctx context.Context, in *examplePage) (httpapi.Content, error) {
		if err := checked(ctx, in.StudentID); err != nil {
			return httpapi.Content{}, err
		}
		return httpapi.Content{Filename: "récord.jsonl", Pieces: httpapi.JSONLines(exampleRows(ctx, in))}, nil
	})
	httpapi.Page(r, httpapi.Route{
		Method: http.MethodGet, Path: "/api/records/{student_id}/table", Access: core.OnRecord(core.RecordRead), Tag: "Example",
		Summary: "A record as a table", Errors: []core.Code{codeNoExample}, Headers: map[string]string{"X-Rows": "How many"},
	}, "text/csv", func(ctx context.Context, in *examplePage) (httpapi.Content, error) {
		if err := checked(ctx, in.StudentID); err != nil {
			return httpapi.Content{}, err
		}
		rows := func(yield func([]string, error) bool) {
			_ = yield([]string{"id", "note"}, nil) && yield([]string{string(in.StudentID), "a \"b\",\nc"}, nil)
		}
		return httpapi.Content{Header: map[string]string{"X-Rows": "1"}, Pieces: httpapi.CSV(rows)}, nil
	})
}

func exampleRows(ctx context.Context, in *examplePage) iter.Seq2[exampleRecord, error] {
	return func(yield func(exampleRecord, error) bool) {
		for i := range in.Rows {
			if !yield(exampleRecord{StudentID: in.StudentID, ItemID: httpapi.ID(fmt.Sprint("i", i))}, nil) {
				return
			}
		}
		switch in.Fail {
		case "store":
			yield(exampleRecord{}, errors.New("the store has "+secretOfThePanic))
		case "panic":
			panic(secretOfThePanic)
		case "wait":
			<-ctx.Done()
			yield(exampleRecord{}, ctx.Err())
		}
	}
}

const exported = "/api/records/user-student/export"

// manyRows are more than is gathered before anything is sent.
const manyRows = 20_000

func lineOf(i int) string {
	return fmt.Sprintf("{\"student_id\":\"user-student\",\"item_id\":\"i%d\"}\n", i)
}

func TestAPageIsContentOfItsOwnType(t *testing.T) {
	t.Parallel()
	s := start(t)
	export := s.Do(request{Path: exported, Token: "student"})
	if want := lineOf(0) + lineOf(1); export.Status != http.StatusOK || export.Body != want {
		t.Errorf("answered %d %q", export.Status, export.Body)
	}
	for name, want := range map[string]string{
		"Content-Type": "application/jsonl", "Content-Disposition": "attachment; filename*=utf-8''r%C3%A9cord.jsonl",
		"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Content-Length": fmt.Sprint(2 * len(lineOf(0))),
	} {
		if got := export.Header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	table := s.Do(request{Path: "/api/records/user-student/table", Token: "faculty"})
	if want := "id,note\r\nuser-student,\"a \"\"b\"\",\r\nc\"\r\n"; table.Body != want || table.Header.Get("X-Rows") != "1" {
		t.Errorf("answered %d %q, %v", table.Status, table.Body, table.Header)
	}
	if table.Header.Get("Content-Type") != "text/csv" || table.Header.Get("Content-Disposition") != "" {
		t.Errorf("its headers are %v", table.Header)
	}
}

func TestALongPageIsSentPieceByPiece(t *testing.T) {
	t.Parallel()
	s := start(t)
	var want strings.Builder
	for i := range manyRows {
		want.WriteString(lineOf(i))
	}
	got := s.Do(request{Path: exported + fmt.Sprintf("?rows=%d", manyRows), Token: "student", Header: http.Header{"X-Correlation-Id": {"long"}}})
	if got.Body != want.String() || got.Header.Get("Content-Length") != "" {
		t.Errorf("answered %d with %d bytes, want %d", got.Status, len(got.Body), want.Len())
	}
	line := s.Line("long")
	if line["bytes_out"] != float64(want.Len()) || line["status"] != 200.0 || line["cut"] != nil || line["level"] != "INFO" {
		t.Errorf("the log says %v", line)
	}
	head := s.Do(request{Method: http.MethodHead, Path: exported + fmt.Sprintf("?rows=%d", manyRows), Token: "student", Header: http.Header{"X-Correlation-Id": {"head"}}})
	if line := s.Line("head"); head.Status != http.StatusOK || head.Body != "" || line["bytes_out"] != 0.0 || line["cut"] != nil {
		t.Errorf("HEAD was answered %d %q, and the log says %v", head.Status, head.Body, line)
	}
	if stats := s.Server.Stats(); stats.InFlight != 0 {
		t.Errorf("%d are in flight", stats.InFlight)
	}
}

func TestAPageThatFailsBeforeItBeginsIsAFailureAsAnyOther(t *testing.T) {
	t.Parallel()
	s := start(t)
	for _, how := range []string{"store", "panic"} {
		got := s.Do(request{Path: exported + "?fail=" + how, Token: "student"})
		wantFailure(t, got, failed{Status: 500, Code: "INTERNAL_ERROR", Message: "An unexpected error occurred"})
		if got.Header.Get("Content-Disposition") != "" {
			t.Errorf("%s: the failure is to be saved as a file", how)
		}
	}
	wantFailure(t, s.Do(request{Path: "/api/records/stranger/export", Token: "institutional_admin"}),
		failed{Status: 404, Code: "EXAMPLE_NOT_FOUND", Message: "There is no such example"})
	wantFailure(t, s.Do(request{Path: "/api/records/neighbour/export", Token: "student"}),
		failed{Status: 403, Code: "FORBIDDEN", Reason: "not_own_record", Message: "This is another student's record"})
	wantFailure(t, s.Do(request{Path: exported + "?rows=-1", Token: "student"}), failed{
		Status: 422, Code: "VALIDATION_ERROR", Message: "The request is not valid",
		Violations: []map[string]string{{"field": "/query/rows", "message": "expected number >= 0"}},
	})
}

func TestAPageThatFailsInTheMiddleIsCut(t *testing.T) {
	t.Parallel()
	s := start(t)
	for how, why := range map[string]string{"store": "the store has", "panic": "panic with a string"} {
		conn := s.Dial()
		if _, err := fmt.Fprintf(conn, "GET %s?rows=%d&fail=%s HTTP/1.1\r\n%sX-Correlation-ID: cut-%s\r\nAuthorization: Bearer student\r\n\r\n", exported, manyRows, how, host, how); err != nil {
			t.Fatal(err)
		}
		response, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		_ = response.Body.Close()
		if !errors.Is(err, io.ErrUnexpectedEOF) || !strings.HasPrefix(string(body), lineOf(0)) || strings.Contains(string(body), secretOfThePanic) {
			t.Errorf("%s: read %d bytes, %v", how, len(body), err)
		}
		line := s.Line("cut-" + how)
		if text, _ := line["error"].(string); line["level"] != "ERROR" || line["cut"] != true || line["error_code"] != "INTERNAL_ERROR" || !strings.Contains(text, why) {
			t.Errorf("%s: the log says %v", how, line)
		}
	}
}

func TestAPageEndsWithItsTime(t *testing.T) {
	t.Parallel()
	s := start(t, func(o *options) {
		o.Engines = []httpapi.Routes{func(r *httpapi.Registry) {
			httpapi.Page(r, httpapi.Route{Method: http.MethodGet, Path: "/api/slow/{student_id}", Access: core.Public(), Tag: "Example", Summary: "Wait", Timeout: 200 * time.Millisecond},
				"application/jsonl", func(ctx context.Context, in *examplePage) (httpapi.Content, error) {
					return httpapi.Content{Pieces: httpapi.JSONLines(exampleRows(ctx, in))}, nil
				})
		}}
	})
	got := s.get("/api/slow/x?fail=wait")
	wantFailure(t, got, failed{Status: 503, Code: "SERVICE_UNAVAILABLE", Reason: "dependency_unavailable", Message: "The request took too long"})
	conn := s.Dial()
	if _, err := fmt.Fprintf(conn, "GET /api/slow/x?rows=%d&fail=wait HTTP/1.1\r\n%s\r\n", manyRows, host); err != nil {
		t.Fatal(err)
	}
	if all, err := io.ReadAll(conn); err != nil || strings.HasSuffix(string(all), "0\r\n\r\n") {
		t.Errorf("it came to its end: %v", err)
	}
}

// Whoever goes away in the middle leaves nothing behind.
func TestAPageWhoseCallerGoesAwayIsOver(t *testing.T) {
	t.Parallel()
	s := start(t)
	conn := s.Dial()
	if _, err := fmt.Fprintf(conn, "GET %s?rows=%d HTTP/1.1\r\n%sX-Correlation-ID: gone\r\nAuthorization: Bearer student\r\n\r\n", exported, 20*manyRows, host); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Read(make([]byte, 100)); err != nil {
		t.Fatal(err)
	}
	_ = conn.Close()
	if !wait.For(func() bool { return s.Server.Stats().InFlight == 0 }) {
		t.Fatal("it is in flight for ever")
	}
	if line := s.Line("gone"); line["cut"] != true || line["error_code"] != nil || line["level"] != "INFO" {
		t.Errorf("the log says %v", line)
	}
}

func TestTheDocumentHasAPage(t *testing.T) {
	t.Parallel()
	export := start(t).Document.Paths.Find("/api/records/{student_id}/export").Get
	var types []string
	for kind := range export.Responses.Value("200").Value.Content {
		types = append(types, kind)
	}
	if diff := cmp.Diff([]string{"application/jsonl"}, types); diff != "" || export.Responses.Value("403") == nil {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// The time to write a reply is that of a piece: a large page may take longer, as long as its caller goes on reading.
func TestALargePageMayTakeLongerThanAReply(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: it reads slowly")
	}
	t.Parallel()
	const patience, rows = 3 * time.Second, 12 * manyRows
	s := start(t, func(o *options) { o.Config.WriteTimeout = patience })
	conn := s.Dial()
	began := time.Now()
	if _, err := fmt.Fprintf(conn, "GET %s?rows=%d HTTP/1.1\r\n%sConnection: close\r\nAuthorization: Bearer student\r\n\r\n", exported, rows, host); err != nil {
		t.Fatal(err)
	}
	piece := make([]byte, 128<<10)
	for time.Since(began) < 2*patience {
		if _, err := io.ReadFull(conn, piece); err != nil {
			t.Fatal(err)
		}
		<-time.After(patience / 20)
	}
	if err := conn.SetDeadline(time.Now().Add(2 * time.Minute)); err != nil {
		t.Fatal(err)
	}
	rest, err := io.ReadAll(conn)
	if err != nil || !strings.HasSuffix(string(rest), "0\r\n\r\n") || len(rest) < 1<<20 {
		t.Errorf("the rest was %d bytes: %v", len(rest), err)
	}
}

func TestAHeadOfALongPageIsItsHead(t *testing.T) {
	t.Parallel()
	s := start(t)
	conn := s.Dial()
	if _, err := fmt.Fprintf(conn, "HEAD %s?rows=%d HTTP/1.1\r\n%sAuthorization: Bearer student\r\n\r\n%s%s\r\n", exported, manyRows, host, line, host); err != nil {
		t.Fatal(err)
	}
	reader := bufio.NewReader(conn)
	head, err := http.ReadResponse(reader, &http.Request{Method: http.MethodHead})
	if err != nil || head.StatusCode != http.StatusOK || len(head.TransferEncoding) != 1 || head.Header.Get("Content-Type") != "application/jsonl" {
		t.Fatalf("answered %+v, %v", head, err)
	}
	_ = head.Body.Close()
	if next := answered(t, reader); next.Status != http.StatusOK || !strings.HasPrefix(next.Body, `{"data":{"status":"ok"}`) {
		t.Errorf("the next request was answered %d %s", next.Status, next.Body)
	}
}
