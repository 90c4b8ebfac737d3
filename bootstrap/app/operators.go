package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"
)

const (
	// pageHeaderTimeout and pageIdleTimeout bound how long a caller of an operators' page may wait with a request,
	// pageWriteTimeout how long the reply may take; a profile gets its own duration in addition.
	pageHeaderTimeout = 5 * time.Second
	pageWriteTimeout  = 30 * time.Second
	pageIdleTimeout   = 2 * time.Minute
	pageHeaderBytes   = 16 << 10
	// pageGrace is how long a reply under way may take when the page is closed.
	pageGrace = 250 * time.Millisecond
)

// operators are the pages for those who run the service, each on a listener of its own.
type operators struct {
	log   *slog.Logger
	pages []*operatorPage
}

// operatorPage is one listener.
type operatorPage struct {
	// setting is the setting of its address, name its name in the log.
	setting, name string
	address       string
	server        *http.Server
	// mayListen, if it is set, checks the actual address of the listener, since a host name may resolve to any address.
	mayListen func(net.Addr) bool
	// listener is nil until the page is open.
	listener net.Listener
	serving  sync.WaitGroup
}

// add prepares a page; open makes it answer.
func (o *operators) add(setting, name, address string, handler http.Handler) *operatorPage {
	page := &operatorPage{setting: setting, name: name, address: address, server: &http.Server{
		Handler:                      handler, // never nil: that would be http.DefaultServeMux
		DisableGeneralOptionsHandler: true,
		ReadHeaderTimeout:            pageHeaderTimeout,
		WriteTimeout:                 pageWriteTimeout,
		IdleTimeout:                  pageIdleTimeout,
		MaxHeaderBytes:               pageHeaderBytes,
		ErrorLog:                     slog.NewLogLogger(o.log.Handler(), slog.LevelWarn),
	}}
	o.pages = append(o.pages, page)
	return page
}

// open opens and serves every page. Its error is a sentence for a person.
func (o *operators) open() error {
	for _, page := range o.pages {
		listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", page.address)
		if err != nil {
			return errors.New(listenFault(err, listening{page.address, page.setting, page.setting + " to one that is"}))
		}
		if page.mayListen != nil && !page.mayListen(listener.Addr()) {
			_ = listener.Close()
			return fmt.Errorf("%s leads to %s, which other machines may reach: name 127.0.0.1 or [::1]", page.setting, listener.Addr())
		}
		page.listener = listener
		page.serving.Go(func() { o.serve(page) })
	}
	return nil
}

// serve returns when the page is closed. A failing page does not affect the service.
func (o *operators) serve(page *operatorPage) {
	if err := page.server.Serve(page.listener); !errors.Is(err, http.ErrServerClosed) {
		o.log.Error("stopped answering", "what", page.setting, "error", err.Error())
	}
}

// close gives replies under way a moment to finish.
func (o *operators) close(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, pageGrace)
	defer cancel()
	var errs []error
	for _, page := range o.pages {
		if page.server.Shutdown(ctx) != nil {
			errs = append(errs, page.server.Close())
		}
		page.serving.Wait()
	}
	return errors.Join(errs...)
}

// addresses returns pairs for the log: the name and the address of each page.
func (o *operators) addresses() []any {
	var pairs []any
	for _, page := range o.pages {
		if page.listener != nil {
			pairs = append(pairs, page.name, page.listener.Addr().String())
		}
	}
	return pairs
}
