package httpapi

// Paging is which part of a list a route answers, for the input of a route to embed: at most Limit entries after the
// first Offset.
type Paging struct {
	Limit  int `query:"limit" minimum:"1" maximum:"1000" default:"100"`
	Offset int `query:"offset" minimum:"0" maximum:"1000000" default:"0"`
}
