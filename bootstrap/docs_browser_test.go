package main

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/journey-os/journey-api/ports/portstest"
)

func TestBrowserExplore(t *testing.T) {
	r := boot(t, nil)
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	ctx, cancel = chromedp.NewExecAllocator(ctx, append(chromedp.DefaultExecAllocatorOptions[:], chromedp.Flag("disable-quic", true), chromedp.Flag("disable-gpu", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"), chromedp.WindowSize(1280, 1000))...)
	defer cancel()
	ctx, cancel = chromedp.NewContext(ctx)
	defer cancel()
	start := time.Now()
	err := chromedp.Listen(ctx, func(ev any) {
		switch e := ev.(type) {
		case *network.EventRequestWillBeSent:
			u := e.Request.URL
			if len(u) > 80 {
				u = u[:80]
			}
			t.Log("request", u)
		case *log.EventEntryAdded:
			t.Logf("log %+v", e.Entry)
		case *runtime.EventConsoleAPICalled:
			t.Logf("console %+v", e.Type)
			for _, a := range e.Args {
				t.Logf("  %s %s", a.Value, a.Description)
			}
		case *runtime.EventExceptionThrown:
			t.Logf("exception %+v", e.ExceptionDetails)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Log("started", time.Since(start))
	shot := func(name string) {
		b, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
		if err != nil {
			t.Fatal(err)
		}
		os.WriteFile("/tmp/shots/"+name+".png", b, 0o600)
		h, _ := chromedp.Run(ctx, chromedp.OuterHTML(chromedp.CSS("#swagger-ui")))
		os.WriteFile("/tmp/shots/"+name+".html", []byte(h), 0o600)
		t.Log(name, time.Since(start))
	}
	do := func(a ...chromedp.Action[chromedp.Void]) {
		t.Helper()
		c, cancel := context.WithTimeout(ctx, 10*time.Second)
		defer cancel()
		if err := chromedp.Do(c, a...); err != nil {
			shot("fail")
			t.Fatal(err)
		}
	}
	me := "#operations-Identity-get-api-me"
	do(chromedp.Navigate(r.url+"/docs"), chromedp.WaitVisible(chromedp.CSS(".opblock")))
	shot("1-page")
	do(chromedp.Click(chromedp.CSS(me+" .opblock-summary-control")), chromedp.WaitVisible(chromedp.CSS(me+" .execute")))
	shot("2-expanded")
	do(chromedp.Click(chromedp.CSS(me+" .execute")), chromedp.WaitVisible(chromedp.CSS(me+" .live-responses-table")))
	shot("3-401")
	do(chromedp.Click(chromedp.CSS(".scheme-container .authorize")), chromedp.WaitVisible(chromedp.CSS(".dialog-ux input")))
	shot("4-authorize")
	do(chromedp.SendKeys(chromedp.CSS(".dialog-ux input"), portstest.Token(portstest.Secret, portstest.StudentClaims(time.Now()))))
	do(chromedp.Click(chromedp.CSS(".dialog-ux .authorize")))
	do(chromedp.WaitVisible(chromedp.CSS(".dialog-ux .btn-done")))
	shot("5-authorized")
	do(chromedp.Click(chromedp.CSS(".dialog-ux .btn-done")), chromedp.WaitNotPresent(chromedp.CSS(".dialog-ux")))
	do(chromedp.Click(chromedp.CSS(me+" .btn-clear")), chromedp.WaitNotPresent(chromedp.CSS(".live-responses-table")))
	do(chromedp.Click(chromedp.CSS(me+" .execute")), chromedp.WaitVisible(chromedp.CSS(me+" .live-responses-table")))
	shot("6-200")
}
