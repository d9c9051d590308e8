import tempfile
from pathlib import Path

from pysnc.exceptions import NotFoundException, RequestException, RoleException

from records import admin, new_incident
from scenarios import equal, refused, run, scenario


def with_file(name='note.txt', content=b'first\nsecond', **options):
    gr = new_incident(admin(), short_description='With a file')
    location = gr.add_attachment(name, content, **options)
    return gr, location


def only(gr):
    attachments = gr.get_attachments()
    equal(len(attachments), 1)
    assert attachments.next()
    return attachments


@scenario('an upload returns the address of the attachment')
def upload():
    _, location = with_file()
    assert '/attachment/' in location, location
    attachment = admin().Attachment('incident')
    assert attachment.get(location.split('/attachment/')[1].split('/')[0])
    equal(attachment.file_name, 'note.txt')


@scenario('the attachments of a record')
def of_record():
    gr, _ = with_file()
    gr.add_attachment('other.txt', b'other')
    equal(sorted(one.file_name for one in gr.get_attachments()), ['note.txt', 'other.txt'])


@scenario('content, size and type of an attachment')
def content():
    gr, _ = with_file('data.json', b'{"a": 1}', content_type='application/json')
    attachment = only(gr)
    equal(attachment.read(), b'{"a": 1}')
    equal((attachment.size_bytes, attachment.content_type), ('8', 'application/json'))


@scenario('lines of an attachment')
def lines():
    equal(only(with_file()[0]).readlines(), ['first', 'second'])


@scenario('an attachment as a temporary file')
def temporary():
    equal(only(with_file()[0]).as_temp_file().read(), b'first\nsecond')


@scenario('an attachment is written to a folder under its name')
def to_folder():
    with tempfile.TemporaryDirectory() as folder:
        only(with_file()[0]).write_to(folder)
        equal((Path(folder) / 'note.txt').read_bytes(), b'first\nsecond')


@scenario('a megabyte of bytes comes back as it was')
def large():
    data = bytes(range(256)) * 4096
    equal(only(with_file('large.bin', data)[0]).read(), data)


@scenario('a name with spaces and letters beyond ASCII')
def name():
    equal(only(with_file('Prüfung 1 & 2.txt')[0]).file_name, 'Prüfung 1 & 2.txt')


@scenario('a deleted attachment is gone')
def delete():
    gr, _ = with_file()
    only(gr).delete()
    equal(len(gr.get_attachments()), 0)


@scenario('an attachment that does not exist')
def unknown():
    assert not admin().Attachment('incident').get('0' * 32)


@scenario('an upload to a record that does not exist is refused')
def no_record():
    attachment = admin().Attachment('incident')
    errors = (NotFoundException, RequestException, RoleException)
    refused(errors, lambda: attachment.add_attachment('0' * 32, 'a.txt', b'a'))


run()
