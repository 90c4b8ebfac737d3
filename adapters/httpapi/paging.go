package httpapi

// Paging selects a page of a list: at most Limit entries after the first Offset. The input of a route embeds it.
type Paging struct {
	Limit  int `query:"limit" minimum:"1" maximum:"1000" default:"100"`
	Offset int `query:"offset" minimum:"0" maximum:"1000000" default:"0"`
}
