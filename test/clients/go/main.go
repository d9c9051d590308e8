package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	tableapi "github.com/michaeldcanady/servicenow-sdk-go/table-api"
)

type scenario struct {
	name string
	run  func()
}

type result struct {
	Scenario string `json:"scenario"`
	Error    any    `json:"error"`
}

var scenarios = []scenario{
	{"a record by its sys_id", func() {
		answer, err := admin("sys_user").ByID2(adminID).Get2(context.Background(), nil)
		must(err)
		equal(text(answer.Result, "user_name"), "admin")
	}},
	{"records by query, with some fields and a limit", func() {
		found := list("incident", query{Query: "category=network^ORDERBYnumber", Fields: []string{"number", "category"}, Limit: 2})
		equal(len(found), 2)
		for _, one := range found {
			equal(text(one, "category"), "network")
			equal(one.Len(), 2)
		}
	}},
	{"display values", func() {
		found := list("incident", query{Query: "number=INC0000003", DisplayValue: tableapi.TRUE})
		equal(text(found[0], "state"), "In Progress")
	}},
	{"values and display values", func() {
		found := list("incident", query{Query: "number=INC0000003", DisplayValue: tableapi.ALL})
		equal(text(found[0], "state"), "2")
		equal((*found[0])["state"].(map[string]any)["display_value"], "In Progress")
	}},
	{"a link to the referenced record", func() {
		found := list("incident", query{Query: "number=INC0000001"})
		link, err := found[0].Link("caller_id")
		must(err)
		equal(strings.Contains(*link, "/api/now/table/sys_user/"), true)
	}},
	{"fields of a referenced record, by dots", func() {
		found := list("incident", query{Query: "number=INC0000001", Fields: []string{"caller_id.user_name"}})
		equal(text(found[0], "caller_id.user_name"), "fred.luddy")
	}},
	{"links to other pages of a list", func() {
		answer, err := admin("incident").Get2(context.Background(), &query{Limit: 2, Offset: 2})
		must(err)
		equal(strings.Contains(answer.NextPageLink, "sysparm_offset=4"), true)
		equal(strings.Contains(answer.PreviousPageLink, "sysparm_offset=0"), true)
	}},
	{"a record is created, updated and deleted", func() {
		created := create(map[string]string{"short_description": "Created in Go"})
		item := admin("incident").ByID2(text(created, "sys_id"))
		changed, err := item.Put3(context.Background(), map[string]string{"description": "changed"}, nil)
		must(err)
		equal(text(changed.Result, "description"), "changed")
		equal(text(changed.Result, "short_description"), "Created in Go")
		must(item.Delete2(context.Background(), nil))
		_, err = item.Get2(context.Background(), nil)
		refused(err, "404")
	}},
	{"a table that does not exist is refused", func() {
		_, err := admin("no_such_table").Get2(context.Background(), nil)
		refused(err, "Invalid table")
	}},
	{"a wrong password is refused", func() {
		_, err := clientOf("admin", "wrong").Now2().Table2("incident").Get2(context.Background(), nil)
		refused(err, "User Not Authenticated")
	}},
}

func failure(one scenario) (reason any) {
	defer func() {
		if thrown := recover(); thrown != nil {
			reason = fmt.Sprint(thrown)
		}
	}()
	one.run()
	return nil
}

// Runs the scenarios one after the other; a line of JSON each, and how many in the end.
func main() {
	for _, one := range scenarios {
		line, err := json.Marshal(result{one.name, failure(one)})
		must(err)
		fmt.Println(string(line))
	}
	fmt.Printf("{\"scenarios\":%d}\n", len(scenarios))
}
