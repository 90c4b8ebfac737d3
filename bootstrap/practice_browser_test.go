package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/iotest"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"

	"github.com/journey-os/journey-api/bootstrap/app"
	"github.com/journey-os/journey-api/bootstrap/cli"
	"github.com/journey-os/journey-api/core/demo"
	"github.com/journey-os/journey-api/internal/testkit/environment"
	"github.com/journey-os/journey-api/internal/testkit/stack"
)

// bootPractice starts the service with the demo bank and so many simulated students.
func bootPractice(t *testing.T, students int) *running {
	t.Helper()
	values := environment.Absent(t)
	r := bootWith(t, app.Config{Loaded: environment.Load(t, values), DemoBank: true})
	if students > 0 {
		if code, _, stderr := run(values, "demo", "--students", fmt.Sprint(students), "--env-file", emptyFile(t)); code != cli.ExitOK {
			t.Fatal(stderr)
		}
	}
	return r
}

func css(selector string) chromedp.CSS { return chromedp.CSS(selector) }

// enter signs in as a role, and waits for that role's first view.
func (page *tab) enter(t *testing.T, r *running, role, first string) {
	t.Helper()
	page.do(t, chromedp.Navigate(r.url+"/practice"), chromedp.Click(css(`[data-role="`+role+`"]`)), chromedp.WaitVisible(css(first)))
}

// begin opens a session of so many questions on concepts.
func (page *tab) begin(t *testing.T, questions int, concepts ...string) {
	t.Helper()
	for _, concept := range concepts {
		page.do(t, chromedp.Click(css(`[value="`+concept+`"]`)))
	}
	see(t, page, chromedp.Evaluate[int](fmt.Sprintf(`document.querySelector('[name=questions]').valueAsNumber = %d`, questions)))
	page.do(t, chromedp.Click(css("#start")), chromedp.WaitVisible(css("#send")))
}

func (page *tab) text(t *testing.T, selector string) string {
	t.Helper()
	return see(t, page, chromedp.Evaluate[string](`document.querySelector('`+selector+`')?.innerText ?? ''`))
}

// preferring has the page drawn light or dark.
func preferring(scheme string) chromedp.Action[chromedp.Void] {
	return func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, target, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
		})
		return chromedp.Void{}, err
	}
}

// answer chooses the second option and sends it, by the keyboard alone.
func (page *tab) answer(t *testing.T) {
	t.Helper()
	page.do(t, chromedp.WaitVisible(css("#send")), chromedp.KeyEvent("2"), chromedp.KeyEvent("\r"), chromedp.WaitVisible(css("#next")))
}

// goOn presses Enter, and waits for what comes then.
func (page *tab) goOn(t *testing.T, next string) {
	t.Helper()
	page.do(t, chromedp.KeyEvent("\r"), chromedp.WaitVisible(css(next)))
}

// waitForText waits for an element that shows this text.
func (page *tab) waitForText(t *testing.T, selector, text string) {
	t.Helper()
	see(t, page, chromedp.Poll[bool](fmt.Sprintf(`document.querySelector(%q)?.innerText.includes(%q)`, selector, text), chromedp.WithPollingTimeout(stepTime)))
}

// sessions are those of the practising student, as the service has them.
func (r *running) sessions() []map[string]any {
	r.t.Helper()
	_, token, _ := r.signInAs("student")
	var sessions []map[string]any
	listed, _ := r.get("/api/adaptive/sessions", "Bearer "+token).Data["sessions"].([]any)
	for _, one := range listed {
		session, _ := one.(map[string]any)
		sessions = append(sessions, session)
	}
	return sessions
}

// noRecord is what the page hears before a student's first answer.
func (r *running) noRecord() string {
	return "404 " + r.url + "/api/bkt/mastery/" + demo.PractisingStudentID + "?limit=1000&offset=0"
}

func TestASessionIsPlayedInABrowserByKeyboard(t *testing.T) {
	t.Parallel()
	skipBrowser(t)
	r := bootPractice(t, 0)
	page := openBrowser(t)
	page.enter(t, r, "student", "#start")
	page.begin(t, 3, "mean-arterial-pressure", "delta-ratio")
	for n := range 3 {
		open := r.sessions()[0]["next_item"].(map[string]any)
		page.waitForText(t, ".progress", fmt.Sprintf("Question %d of 3", n+1))
		if sentence := open["rationale"].(map[string]any)["sentence"].(string); !strings.Contains(page.text(t, ".why"), sentence) {
			t.Errorf("the page says %q, want %q", page.text(t, ".why"), sentence)
		}
		if stem := open["content"].(map[string]any)["stem"].(string); page.text(t, "#stem") != stem {
			t.Errorf("the page asks %q, want %q", page.text(t, "#stem"), stem)
		}
		page.answer(t)
		concept := open["concept_id"].(string)
		_, token, _ := r.signInAs("student")
		states, _ := r.get("/api/bkt/mastery/"+demo.PractisingStudentID+"?concept_id="+concept, "Bearer "+token).Data["states"].([]any)
		want := fmt.Sprintf("%d%%", int(states[0].(map[string]any)["p_mastered"].(float64)*100))
		page.waitForText(t, `[data-concept="`+concept+`"] .value`, want)
		if result := page.text(t, "#result"); !strings.HasPrefix(result, "Right") && !strings.HasPrefix(result, "Wrong") || !strings.Contains(result, want) {
			t.Errorf("graded with %q", result)
		}
		page.goOn(t, []string{"#send", "#send", "#more"}[n])
	}
	session := r.sessions()[0]
	if session["status"] != "completed" || session["answered"] != 3.0 || session["ended_by"] != "count" {
		t.Errorf("the session is %v", session)
	}
	facts := page.text(t, ".facts")
	if !strings.Contains(facts, "Answered\n3\n") || !strings.Contains(facts, fmt.Sprintf("Right\n%v (", session["correct"])) {
		t.Errorf("the summary says %q, want %v", facts, session)
	}
	plotted := see(t, page, chromedp.Evaluate[int](`document.querySelectorAll('svg.wide circle').length`))
	rows := see(t, page, chromedp.Evaluate[[]string](`[...document.querySelectorAll('tr[data-concept] td:nth-child(2)')].map(cell => cell.innerText)`))
	answered := 0
	for _, row := range rows {
		n, err := strconv.Atoi(row)
		if err != nil {
			t.Error(err)
		}
		answered += n
	}
	if plotted != 3 || answered != 3 {
		t.Errorf("the plot has %d answers, the table %d, want 3", plotted, answered)
	}
	page.wantOnly(t, r.url, r.noRecord())
}

func TestTwoTabsOfAPracticeSession(t *testing.T) {
	t.Parallel()
	skipBrowser(t)
	r := bootPractice(t, 0)
	first := openBrowser(t)
	first.enter(t, r, "student", "#start")
	second := first.open(t)
	second.enter(t, r, "student", "#start")
	first.begin(t, 3, "mean-arterial-pressure")
	second.begin(t, 5, "anion-gap") // 409: there is one already
	second.waitForText(t, "#notice", "under way already")
	if one, other := first.text(t, "#stem"), second.text(t, "#stem"); one != other || one == "" {
		t.Fatalf("the tabs ask %q and %q", one, other)
	}

	first.answer(t)
	second.do(t, chromedp.Click(css(".option:nth-of-type(3)")), chromedp.Click(css("#send")))
	second.waitForText(t, "#notice", "answered in another tab")
	second.waitForText(t, ".progress", "Question 2 of 3")
	second.do(t, chromedp.Reload(), chromedp.WaitVisible(css("#resume")), chromedp.Click(css("#resume")), chromedp.WaitVisible(css("#send")))
	first.goOn(t, "#send")
	if one, other := first.text(t, "#stem"), second.text(t, "#stem"); one != other {
		t.Errorf("the tabs ask %q and %q", one, other)
	}

	second.do(t, chromedp.Click(css("#end")), chromedp.WaitVisible(css("#more")))
	first.do(t, chromedp.Click(css(".option:nth-of-type(1)")), chromedp.Click(css("#send")))
	first.waitForText(t, "#notice", "ended in another tab")
	first.waitForText(t, "h1", "How it went")
	if session := r.sessions()[0]; session["answered"] != 1.0 || session["ended_by"] != "student" {
		t.Errorf("the session is %v", session)
	}
}

func TestAnAnswerWhoseReplyIsLostCountsOnce(t *testing.T) {
	t.Parallel()
	skipBrowser(t)
	r := bootPractice(t, 0)
	line := loseReplies(t, r)
	page := openBrowser(t)
	page.do(t, chromedp.Navigate(line.url+"/practice"), chromedp.Click(css(`[data-role="student"]`)), chromedp.WaitVisible(css("#start")))
	page.begin(t, 2, "mean-arterial-pressure")
	line.lose.Store(2)
	page.answer(t)
	keys := line.sent()
	if len(keys) != 3 || keys[0] == "" || keys[0] != keys[1] || keys[1] != keys[2] {
		t.Errorf("the answer was sent with the keys %q", keys)
	}
	if session := r.sessions()[0]; session["answered"] != 1.0 {
		t.Errorf("the session is %v", session)
	}
}

func TestARefusedTokenIsRenewedOnce(t *testing.T) {
	t.Parallel()
	skipBrowser(t)
	r := bootPractice(t, 0)
	page := openBrowser(t)
	page.enter(t, r, "student", "#start")
	forge := func(role string) {
		t.Helper()
		see(t, page, chromedp.Evaluate[int](`(kept => {
			kept.token = kept.token.slice(0, -10) + 'AAAAAAAAAA';
			kept.role = `+role+`;
			sessionStorage.setItem('signed-in', JSON.stringify(kept));
			return 1;
		})(JSON.parse(sessionStorage.getItem('signed-in')))`))
		page.do(t, chromedp.Reload())
	}
	forge("kept.role")
	page.do(t, chromedp.WaitVisible(css("#start")))
	forge("'nobody'") // whose sign-in fails as well
	page.waitForText(t, "#notice", "There is nothing here")
}

func TestATeacherSeesTheCohortInABrowser(t *testing.T) {
	t.Parallel()
	skipBrowser(t)
	r := bootPractice(t, 30)
	page := openBrowser(t)
	page.enter(t, r, "faculty", ".heat")
	rows := see(t, page, chromedp.Evaluate[[]string](`[...document.querySelectorAll('tr[data-student]')].map(row => row.dataset.student)`))
	if len(rows) != 24 || rows[0] != demo.StudentID(1) { // the 25th of the page has not practised
		t.Errorf("the first page has %v", rows)
	}
	_, token, _ := r.signInAs("faculty")
	states, _ := r.get("/api/bkt/mastery/"+demo.StudentID(7), "Bearer "+token).Data["states"].([]any)
	var want []string
	for _, one := range states {
		want = append(want, fmt.Sprint(int(one.(map[string]any)["p_mastered"].(float64)*100)))
	}
	slices.Sort(want)
	got := see(t, page, chromedp.Evaluate[[]string](`[...document.querySelectorAll('[data-student="`+demo.StudentID(7)+`"] td:not(.none)')].map(cell => cell.innerText).sort()`))
	if diff := cmp.Diff(want, got); diff != "" || len(want) != 14 {
		t.Errorf("mastery of one student (-service +page):\n%s", diff)
	}
	page.do(t, chromedp.Click(css(`[data-student="`+demo.StudentID(7)+`"] button`)), chromedp.WaitVisible(css("#back")))
	if facts := page.text(t, ".facts"); !strings.Contains(facts, "Answers\n168\n") {
		t.Errorf("the student's facts are %q", facts)
	}
	if sparks := see(t, page, chromedp.Evaluate[int](`document.querySelectorAll('.spark').length`)); sparks != 14 {
		t.Errorf("%d concepts are plotted", sparks)
	}
	page.do(t, chromedp.Click(css("#back")), chromedp.WaitVisible(css(".heat")))
	page.wantOnly(t, r.url, r.noRecord(), r.noRecord())
}

func skipBrowser(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("-short: it starts a browser")
	}
}

// open opens another tab of the same browser.
func (page *tab) open(t *testing.T) *tab {
	t.Helper()
	ctx, closeTab := chromedp.NewContext(page.ctx)
	t.Cleanup(closeTab)
	other := &tab{ctx: ctx}
	if err := chromedp.Listen(ctx, other.note); err != nil {
		t.Fatal(err)
	}
	return other
}

// lossy is a line to the service on which replies get lost.
type lossy struct {
	url string
	// lose is how many replies to answers are lost yet.
	lose atomic.Int32
	lock sync.Mutex
	keys []string
}

// loseReplies stands between the page and the service. What it loses, the service has done.
func loseReplies(t *testing.T, r *running) *lossy {
	t.Helper()
	target, err := url.Parse(r.url)
	if err != nil {
		t.Fatal(err)
	}
	line := &lossy{}
	transport := &http.Transport{}
	proxy := &httputil.ReverseProxy{
		Transport: transport, FlushInterval: -1,
		Rewrite:  func(asked *httputil.ProxyRequest) { asked.SetURL(target) },
		ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError),
		ModifyResponse: func(response *http.Response) error {
			if !strings.HasSuffix(response.Request.URL.Path, "/answers") {
				return nil
			}
			line.lock.Lock()
			line.keys = append(line.keys, response.Request.Header.Get("Idempotency-Key"))
			line.lock.Unlock()
			if line.lose.Add(-1) >= 0 {
				response.Body = struct { // the head and the beginning arrive, so that the browser does not repeat by itself
					io.Reader
					io.Closer
				}{io.MultiReader(io.LimitReader(response.Body, 10), iotest.ErrReader(io.ErrUnexpectedEOF)), response.Body}
			}
			return nil
		},
	}
	server := httptest.NewServer(proxy)
	server.Config.ErrorLog = proxy.ErrorLog
	line.url = server.URL
	t.Cleanup(func() { server.Close(); transport.CloseIdleConnections() })
	return line
}

// sent are the keys of the answers that arrived.
func (l *lossy) sent() []string {
	l.lock.Lock()
	defer l.lock.Unlock()
	return slices.Clone(l.keys)
}

func TestIntegrationThePracticePageIsAccessible(t *testing.T) {
	skipBrowser(t)
	ctx, cancel := context.WithTimeout(t.Context(), browserTime)
	defer cancel()
	axe, err := stack.Running(t).AxeCore(ctx)
	if err != nil {
		t.Fatal(err)
	}
	r := bootPractice(t, 30)
	page := openBrowser(t)
	check := func(name string) { t.Helper(); page.wantAccessible(t, axe, name) }
	page.do(t, chromedp.Navigate(r.url+"/practice"), chromedp.WaitVisible(css("[data-role]")))
	check("welcome")
	page.enter(t, r, "student", "#start")
	page.do(t, chromedp.Click(css("#start")))
	page.waitForText(t, "#notice", "Choose at least one")
	check("choose")
	page.begin(t, 3, "mean-arterial-pressure", "delta-ratio", "maintenance-dose")
	check("ask")
	for n := range 3 {
		page.answer(t)
		if n == 0 {
			check("graded")
		}
		page.goOn(t, []string{"#send", "#send", "#more"}[n])
	}
	check("summary")
	page.do(t, chromedp.Click(css("#more")), chromedp.WaitVisible(css(".past")))
	page.begin(t, 2, "anion-gap")
	page.do(t, chromedp.Reload(), chromedp.WaitVisible(css("#resume")))
	check("under way")
	page.do(t, chromedp.Click(css("#who button")), chromedp.Click(css("[data-role=faculty]")), chromedp.WaitVisible(css(".heat")))
	check("cohort")
	for _, id := range []string{demo.PractisingStudentID, demo.StudentID(8)} {
		page.do(t, chromedp.Click(css(`[data-student="`+id+`"] button`)), chromedp.WaitVisible(css("#back")))
		check(id)
		page.do(t, chromedp.Click(css("#back")), chromedp.WaitVisible(css(".heat")))
	}
}

// wantAccessible has axe-core look at the view in light and dark, on a screen and on a phone, and takes pictures.
func (page *tab) wantAccessible(t *testing.T, axe, name string) {
	t.Helper()
	type fault struct{ ID, Help, Where string }
	see(t, page, chromedp.Evaluate[bool](axe+"\n;true"))
	for _, scheme := range []string{"light", "dark"} {
		for _, width := range []int64{390, 820, 1280} {
			page.do(t, chromedp.EmulateViewport(width, 900), preferring(scheme))
			faults := see(t, page, chromedp.Evaluate[[]fault](`Promise.all(document.getAnimations().map(one => one.finished)).then(() => axe.run()).then(found =>
				found.violations.flatMap(one => one.nodes.map(node => ({ID: one.id, Help: one.help, Where: node.target.join(' ') + ': ' + node.failureSummary}))))`,
				func(p *runtime.EvaluateParams) { p.AwaitPromise = new(true) }))
			for _, one := range faults[:min(len(faults), 5)] {
				t.Errorf("%s, %s, %d wide: %s: %s at %s", name, scheme, width, one.ID, one.Help, one.Where)
			}
			page.picture(t, fmt.Sprintf("%s_%d_%s", strings.ReplaceAll(name, " ", "_"), width, scheme), chromedp.FullScreenshot(100))
		}
	}
	page.do(t, chromedp.EmulateViewport(1280, 1000), preferring("light"))
}
