package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"

	"github.com/journey-os/journey-api/ports/portstest"
)

const (
	// browserTime bounds the browser from its start to its end, stepTime what one person's step may take.
	browserTime = 5 * time.Minute
	stepTime    = 2 * time.Minute

	me = `.opblock:has([data-path="/api/me"])`
)

func TestDocsInABrowserWithoutInternet(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("-short: it starts a browser")
	}
	r := boot(t, nil)
	page := openBrowser(t)
	document := r.openAPI()
	token := portstest.Token(portstest.Secret, portstest.StudentClaims(time.Now()))

	page.do(t, chromedp.Navigate(r.url+"/docs"), chromedp.WaitVisible(chromedp.CSS(".opblock")))
	page.picture(t, "page", chromedp.FullScreenshot(100))
	if diff := cmp.Diff(document.operations(), page.operations(t)); diff != "" {
		t.Errorf("the page shows other operations than the document has (-document +page):\n%s", diff)
	}
	for _, icon := range see(t, page, chromedp.Evaluate[[]string](`[...document.querySelectorAll('link[rel=icon]')].map(link => link.href)`)) {
		r.wantFile(icon)
	}

	page.do(t, chromedp.Click(chromedp.CSS(me+" .opblock-summary-control")), chromedp.WaitVisible(chromedp.CSS(me+" .responses-table")))
	page.picture(t, "operation", chromedp.Screenshot(chromedp.CSS(me)))
	replies := document.replies("/api/me")
	if diff := cmp.Diff(replies, page.replies(t, replies)); diff != "" {
		t.Errorf("GET /api/me shows other replies than the document has (-document +page):\n%s", diff)
	}

	page.do(t, // the page may offer to execute at once
		chromedp.Click(chromedp.CSS(me+" .try-out__btn")),
		chromedp.WaitVisible(chromedp.CSS(me+" .execute")),
	)
	unsigned := page.execute(t)
	if unsigned.Status != "401" || unsigned.Error.Code != "AUTHENTICATION_ERROR" || unsigned.Meta.Reason != "token_missing" || unsigned.Meta.CorrelationID == "" {
		t.Errorf("without a token the page shows %+v", unsigned)
	}
	page.picture(t, "without_token", chromedp.Screenshot(chromedp.CSS(me)))

	page.authorize(t, token)
	page.do(t, chromedp.Click(chromedp.CSS(me+" .btn-clear")), chromedp.WaitNotPresent(chromedp.CSS(".live-responses-table")))
	signedIn := page.execute(t)
	if diff := cmp.Diff(r.me(token).Data, signedIn.Data); signedIn.Status != "200" || signedIn.Data["email"] != "marcus@msm.edu" || diff != "" {
		t.Errorf("with a token the page shows %+v (-service +page):\n%s", signedIn, diff)
	}
	page.picture(t, "with_token", chromedp.Screenshot(chromedp.CSS(me)))

	page.wantOnly(t, r.url, "401 "+r.url+"/api/me")
}

// openAPI is what the test needs of the service's document: method and path to status to the text below it.
type openAPI struct {
	Paths map[string]map[string]struct {
		Responses map[string]openAPIResponse
	}
	Components struct{ Responses map[string]openAPIResponse }
}

type openAPIResponse struct {
	Ref         string `json:"$ref"`
	Description string
	Content     map[string]struct{ Example any }
}

func (r *running) openAPI() openAPI {
	r.t.Helper()
	response, err := r.client.Get(r.url + "/openapi.json")
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	var document openAPI
	if err := json.NewDecoder(response.Body).Decode(&document); err != nil {
		r.t.Fatal(err)
	}
	return document
}

// operations lists every operation as GET /path, sorted.
func (d openAPI) operations() []string {
	var all []string
	for path, item := range d.Paths {
		for method := range item {
			all = append(all, strings.ToUpper(method)+" "+path)
		}
	}
	slices.Sort(all)
	return all
}

// reply is one row below Responses: its text without markup, and its example if the document has one of its own.
type reply struct {
	Description string
	Example     any
}

// replies are those of a GET operation, by their status.
func (d openAPI) replies(path string) map[string]reply {
	rows := map[string]reply{}
	for status, response := range d.Paths[path]["get"].Responses {
		if name, isReference := strings.CutPrefix(response.Ref, "#/components/responses/"); isReference {
			response = d.Components.Responses[name]
		}
		rows[status] = reply{
			Description: strings.NewReplacer("`", "", "**", "").Replace(response.Description),
			Example:     response.Content["application/json"].Example,
		}
	}
	return rows
}

func (r *running) wantFile(address string) {
	r.t.Helper()
	response, err := r.client.Get(address)
	if err != nil {
		r.t.Fatal(err)
	}
	_ = response.Body.Close()
	if response.StatusCode != http.StatusOK || !strings.HasPrefix(address, r.url+"/") {
		r.t.Errorf("%s answered %d", address, response.StatusCode)
	}
}

// tab is one page of a browser, and what it did.
type tab struct {
	ctx context.Context

	lock     sync.Mutex
	requests []string // the address of each request
	refused  []string // status and address of each reply from 400 on
	console  []string // warnings, errors and exceptions
}

// openBrowser starts Chromium with a profile of its own, which goes with the test. No name resolves in it.
func openBrowser(t *testing.T) *tab {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), browserTime)
	t.Cleanup(cancel)
	ctx, end := chromedp.NewExecAllocator(ctx, append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.Flag("disable-gpu", true),
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"),
		chromedp.WindowSize(1280, 1000),
	)...)
	t.Cleanup(end)
	ctx, closeTab := chromedp.NewContext(ctx)
	t.Cleanup(closeTab)

	page := &tab{ctx: ctx}
	switch err := chromedp.Listen(ctx, page.note); {
	case errors.Is(err, exec.ErrNotFound) && os.Getenv("CI") != "true":
		t.Skip("no Chromium or Chrome is installed")
	case err != nil:
		t.Fatalf("start the browser: %v", err)
	}
	return page
}

// note keeps what a reader of the browser's network and console panels would see.
func (page *tab) note(event any) {
	page.lock.Lock()
	defer page.lock.Unlock()
	switch event := event.(type) {
	case *network.EventRequestWillBeSent:
		page.requests = append(page.requests, event.Request.URL)
	case *network.EventWebSocketCreated:
		page.requests = append(page.requests, event.URL)
	case *network.EventResponseReceived:
		if event.Response.Status >= http.StatusBadRequest {
			page.refused = append(page.refused, fmt.Sprintf("%d %s", event.Response.Status, event.Response.URL))
		}
	case *log.EventEntryAdded:
		// That a reply was refused is in page.refused already.
		if entry := event.Entry; entry.Level != log.EntryLevelInfo && !strings.Contains(entry.Text, "responded with a status of") {
			page.console = append(page.console, fmt.Sprintf("%s: %s %s", entry.Level, entry.Text, entry.URL))
		}
	case *runtime.EventConsoleAPICalled:
		if event.Type == runtime.ConsoleAPICalledTypeError || event.Type == runtime.ConsoleAPICalledTypeWarning {
			for _, argument := range event.Args {
				page.console = append(page.console, fmt.Sprintf("%s: %s%s", event.Type, argument.Value, argument.Description))
			}
		}
	case *runtime.EventExceptionThrown:
		page.console = append(page.console, (&chromedp.ExceptionError{ExceptionDetails: event.ExceptionDetails}).Error())
	}
}

// wantOnly fails if the page asked anybody but origin, was refused more than this, or complained. A data: address
// goes nowhere.
func (page *tab) wantOnly(t *testing.T, origin string, refused ...string) {
	t.Helper()
	page.lock.Lock()
	defer page.lock.Unlock()
	for _, address := range page.requests {
		parsed, err := url.Parse(address)
		if err != nil || parsed.Scheme != "data" && parsed.Scheme+"://"+parsed.Host != origin {
			t.Errorf("the page asked %q", address)
		}
	}
	if diff := cmp.Diff(refused, page.refused); diff != "" {
		t.Errorf("what was refused (-want +got):\n%s", diff)
	}
	if len(page.console) > 0 {
		t.Errorf("the console says:\n%s", strings.Join(page.console, "\n"))
	}
}

// see does one thing that has a result. If it fails, there is a picture of the page as it stood (failed.png).
func see[T any](t *testing.T, page *tab, action chromedp.Action[T]) T {
	t.Helper()
	ctx, cancel := context.WithTimeout(page.ctx, stepTime)
	defer cancel()
	result, err := chromedp.Run(ctx, action)
	if err != nil {
		if screenshot, pictureErr := chromedp.Run(page.ctx, chromedp.FullScreenshot(100)); pictureErr == nil {
			page.keep(t, "failed", screenshot)
		}
		page.lock.Lock()
		defer page.lock.Unlock()
		t.Fatalf("%v; the console says:\n%s", err, strings.Join(page.console, "\n"))
	}
	return result
}

func (page *tab) do(t *testing.T, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	see(t, page, chromedp.Steps(steps...))
}

// picture is for a person to look at: go test -artifacts keeps it.
func (page *tab) picture(t *testing.T, name string, screenshot chromedp.Action[[]byte]) {
	t.Helper()
	page.keep(t, name, see(t, page, screenshot))
}

func (*tab) keep(t *testing.T, name string, png []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(t.ArtifactDir(), name+".png"), png, 0o600); err != nil {
		t.Fatal(err)
	}
}

// operations lists every operation on the page as GET /path, sorted.
func (page *tab) operations(t *testing.T) []string {
	t.Helper()
	all := see(t, page, chromedp.Evaluate[[]string](`[...document.querySelectorAll('.opblock-summary')].map(row =>
		row.querySelector('.opblock-summary-method').innerText + ' ' + row.querySelector('[data-path]').dataset.path)`))
	slices.Sort(all)
	return all
}

// replies are the rows below Responses of GET /api/me, by their status. Each has an example: one that the page made up
// from the schema is left out.
func (page *tab) replies(t *testing.T, documented map[string]reply) map[string]reply {
	t.Helper()
	rows := map[string]reply{}
	for _, row := range see(t, page, chromedp.Evaluate[[][3]string](`[...document.querySelectorAll('`+me+` tr.response[data-code]')].map(row =>
		[row.dataset.code, row.querySelector('.renderedMarkdown').innerText.trim(), row.querySelector('pre.example').innerText])`)) {
		shown := reply{Description: row[1]}
		if err := json.Unmarshal([]byte(row[2]), &shown.Example); err != nil {
			t.Errorf("the example of %s: %v in %s", row[0], err, row[2])
		}
		if documented[row[0]].Example == nil {
			shown.Example = nil
		}
		rows[row[0]] = shown
	}
	return rows
}

// authorize signs in as a person does: the button, the token, the button of the dialog, its close.
func (page *tab) authorize(t *testing.T, token string) {
	t.Helper()
	page.do(t,
		chromedp.Click(chromedp.CSS(".scheme-container .authorize")),
		chromedp.SendKeys(chromedp.CSS(".dialog-ux input"), token),
		chromedp.Click(chromedp.CSS(".dialog-ux .authorize")),
		chromedp.Click(chromedp.CSS(".dialog-ux .btn-done")),
		chromedp.WaitNotPresent(chromedp.CSS(".dialog-ux")),
	)
}

// liveReply is what the page shows of a reply that it got.
type liveReply struct {
	Status string
	Data   map[string]any
	Error  struct{ Code string }
	Meta   struct {
		Reason        string
		CorrelationID string `json:"correlation_id"`
	}
}

// execute asks GET /api/me from the page.
func (page *tab) execute(t *testing.T) liveReply {
	t.Helper()
	page.do(t, chromedp.Click(chromedp.CSS(me+" .execute")), chromedp.WaitVisible(chromedp.CSS(me+" .live-responses-table")))
	row := see(t, page, chromedp.Evaluate[[2]string](`(row => [row.querySelector('.response-col_status').innerText.trim(), row.querySelector('code').innerText])(
		document.querySelector('`+me+` .live-responses-table tr.response'))`))
	shown := liveReply{Status: row[0]}
	if err := json.Unmarshal([]byte(row[1]), &shown); err != nil {
		t.Fatalf("the page shows no envelope: %v in %s", err, row[1])
	}
	return shown
}
