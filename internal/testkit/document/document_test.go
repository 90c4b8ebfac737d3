package document

import (
	"net/http"
	"testing"
)

const text = `{"openapi":"3.1.0","info":{"title":"T","version":"1"},"paths":{"/things/{id}":{"get":{
	"parameters":[{"name":"id","in":"path","required":true,"schema":{"type":"string"}}],
	"responses":{"200":{"description":"OK","content":{"application/json":{"schema":{"type":"object","required":["id"],"additionalProperties":false,
		"properties":{"id":{"type":"string"}}}}}}}}},
	"/notes":{"get":{"responses":{"default":{"description":"Any","content":{"application/json":{"schema":{"$ref":"#/components/schemas/Note"}}}}}}}},
	"components":{"schemas":{
		"Note":{"type":"object","properties":{"at":{"type":"string","format":"date-time"},"by":{"$ref":"#/components/schemas/Name"}}},
		"Name":{"type":["string","null"],"minLength":1}}}}`

func TestWhatTheDocumentDoesNotHaveIsSaid(t *testing.T) {
	document, err := Load([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, method, path string
		status             int
		contentType, body  string
		fits               bool
	}{
		{"a reply as documented", "GET", "/things/1", 200, "application/json", `{"id":"1"}`, true},
		{"a field that is missing", "GET", "/things/1", 200, "application/json", `{}`, false},
		{"a field too many", "GET", "/things/1", 200, "application/json", `{"id":"1","x":1}`, false},
		{"a field of another type", "GET", "/things/1", 200, "application/json", `{"id":1}`, false},
		{"another status", "GET", "/things/1", 500, "application/json", `{"id":"1"}`, false},
		{"another type of content", "GET", "/things/1", 200, "text/plain", `{"id":"1"}`, false},
		{"no JSON", "GET", "/things/1", 200, "application/json", `{`, false},
		{"an unknown route", "GET", "/nope", 404, "text/plain", "", true},
		{"an unknown route that answers", "GET", "/nope", 200, "text/plain", "", false},
		{"an unknown method", "POST", "/things/1", 405, "text/plain", "", true},
		{"a schema that others refer to", "GET", "/notes", 200, "application/json", `{"at":"2026-01-02T03:04:05Z","by":null}`, true},
		{"a value out of one that another refers to", "GET", "/notes", 200, "application/json", `{"by":""}`, false},
		{"a format", "GET", "/notes", 500, "application/json", `{"at":"yesterday"}`, false},
		{"HEAD", "HEAD", "/things/1", 200, "", "", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			asked, err := http.NewRequest(tt.method, "http://127.0.0.1"+tt.path, nil)
			if err != nil {
				t.Fatal(err)
			}
			err = document.Check(asked, tt.status, http.Header{"Content-Type": {tt.contentType}}, []byte(tt.body))
			if (err == nil) != tt.fits {
				t.Errorf("said %v", err)
			}
		})
	}
}
