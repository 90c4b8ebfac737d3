package httpapi_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/journey-os/journey-api/adapters/httpapi"
	"github.com/journey-os/journey-api/core"
)

// Fiber reuses the buffers of a request for the next one: what a handler keeps must not change under it.
func TestWhatAHandlerKeepsNeverChanges(t *testing.T) {
	t.Parallel()
	type input struct {
		Path   string `path:"path"`
		Query  string `query:"query"`
		Header string `header:"X-Kept"`
		Body   struct {
			Text string `json:"text"`
		}
	}
	var lock sync.Mutex
	var kept [][]string
	s := start(t, func(o *options) {
		o.Engines = []httpapi.Routes{func(r *httpapi.Registry) {
			httpapi.Handle(r, httpapi.Route{Method: http.MethodPost, Path: "/api/keep/{path}", Access: core.SignedIn(), Tag: "Example", Summary: "Keep"},
				func(ctx context.Context, in *input) (httpapi.Reply[int], error) {
					lock.Lock()
					defer lock.Unlock()
					kept = append(kept, []string{in.Path, in.Query, in.Header, in.Body.Text, string(core.CorrelationIDFrom(ctx))})
					return httpapi.OK(len(kept)), nil
				})
		}}
	})
	var want [][]string
	for i := range 300 {
		word := strings.Repeat(string(rune('a'+i%26)), 20) + fmt.Sprint(i)
		want = append(want, []string{"path-" + word, "query-" + word, "header-" + word, "body-" + word, "id-" + word})
	}
	var callers sync.WaitGroup
	for half := range slices.Chunk(want, len(want)/4) {
		callers.Go(func() {
			for _, words := range half {
				got := s.Do(request{
					Method: http.MethodPost, Path: "/api/keep/" + words[0] + "?query=" + words[1], Token: "student", Body: `{"text":"` + words[3] + `"}`,
					Header: http.Header{"X-Kept": {words[2]}, "X-Correlation-Id": {words[4]}},
				})
				if got.Status != http.StatusOK {
					t.Errorf("answered %d %s", got.Status, got.Body)
					return
				}
			}
		})
	}
	callers.Wait()
	order := func(a, b []string) int { return strings.Compare(a[0], b[0]) }
	slices.SortFunc(kept, order)
	slices.SortFunc(want, order)
	if diff := cmp.Diff(want, kept); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
