"""summary.html.jinja, compiled by Jinja. Written by scripts/compile_templates.py: edit the template."""

# mypy: ignore-errors
# Jinja 3.1.6

SHA256 = "94e8792ec88b715b88465f414d6ad6ef8311c6637240ccbf39ab6135971984e5"  # of the source
FORMAT = 5  # of Jinja's compiled templates
HTML = True  # whether every expression is escaped

from jinja2.runtime import LoopContext, Macro, Markup, Namespace, TemplateNotFound, TemplateReference, TemplateRuntimeError, Undefined, escape, identity, internalcode, markup_join, missing, str_join
name = 'summary.html.jinja'

def root(context, missing=missing):
    resolve = context.resolve_or_missing
    undefined = environment.undefined
    concat = environment.concat
    cond_expr_undefined = Undefined
    if 0: yield None
    l_0_style_hash = resolve('style_hash')
    l_0_page = resolve('page')
    l_0_tones = l_0_fields = l_0_table = l_0_show = missing
    try:
        t_1 = environment.filters['bar']
    except KeyError:
        @internalcode
        def t_1(*unused):
            raise TemplateRuntimeError("No filter named 'bar' found.")
    try:
        t_2 = environment.filters['length']
    except KeyError:
        @internalcode
        def t_2(*unused):
            raise TemplateRuntimeError("No filter named 'length' found.")
    try:
        t_3 = environment.filters['svg']
    except KeyError:
        @internalcode
        def t_3(*unused):
            raise TemplateRuntimeError("No filter named 'svg' found.")
    pass
    l_0_tones = {'pass': 'good', 'found': 'good', 'fail': 'bad', 'missing': 'bad', 'undecided': 'unsure'}
    context.vars['tones'] = l_0_tones
    context.exported_vars.add('tones')
    def macro(l_1_block):
        t_4 = []
        if l_1_block is missing:
            l_1_block = undefined("parameter 'block' was not provided", name='block')
        pass
        t_4.append(
            '<dl class="fields">\n',
        )
        for l_2_row in environment.getattr(l_1_block, 'rows'):
            _loop_vars = {}
            pass
            t_4.extend((
                '<div><dt>',
                escape(environment.getattr(l_2_row, 'label')),
                '</dt><dd',
            ))
            if environment.getattr(l_2_row, 'code'):
                pass
                t_4.append(
                    ' class="code"',
                )
            t_4.extend((
                '><bdi>',
                escape(environment.getattr(l_2_row, 'value')),
                '</bdi></dd></div>\n',
            ))
        l_2_row = missing
        t_4.append(
            '</dl>\n',
        )
        return concat(t_4)
    context.exported_vars.add('fields')
    context.vars['fields'] = l_0_fields = Macro(environment, macro, 'fields', ('block',), False, False, False, context.eval_ctx.autoescape)
    def macro(l_1_block):
        t_5 = []
        if l_1_block is missing:
            l_1_block = undefined("parameter 'block' was not provided", name='block')
        pass
        if (not environment.getattr(l_1_block, 'folded')):
            pass
            t_5.extend((
                '<h3>',
                escape(environment.getattr(l_1_block, 'caption')),
                '</h3>\n',
            ))
        t_5.extend((
            '<div class="scroll" role="region" tabindex="0" aria-label="',
            escape(environment.getattr(l_1_block, 'caption')),
            '">\n<table aria-label="',
            escape(environment.getattr(l_1_block, 'caption')),
            '">\n<thead>\n<tr>\n',
        ))
        for l_2_column in environment.getattr(l_1_block, 'columns'):
            _loop_vars = {}
            pass
            t_5.append(
                '<th scope="col"',
            )
            if (environment.getattr(l_2_column, 'kind') == 'number'):
                pass
                t_5.append(
                    ' class="number"',
                )
            t_5.extend((
                '>',
                escape(environment.getattr(l_2_column, 'title')),
                '</th>\n',
            ))
        l_2_column = missing
        if environment.getattr(l_1_block, 'bars'):
            pass
            t_5.append(
                '<td class="drawn"></td>\n',
            )
        t_5.append(
            '</tr>\n</thead>\n<tbody>\n',
        )
        l_2_loop = missing
        t_6 = 1
        for l_2_row, l_2_loop in LoopContext(environment.getattr(l_1_block, 'rows'), undefined):
            l_2_place = missing
            _loop_vars = {}
            pass
            l_2_place = environment.getattr(l_2_loop, 'index0')
            _loop_vars['place'] = l_2_place
            t_5.append(
                '<tr>\n',
            )
            l_3_loop = missing
            for l_3_text, l_3_loop in LoopContext(l_2_row, undefined):
                l_3_kind = missing
                _loop_vars = {}
                pass
                l_3_kind = environment.getattr(environment.getitem(environment.getattr(l_1_block, 'columns'), environment.getattr(l_3_loop, 'index0')), 'kind')
                _loop_vars['kind'] = l_3_kind
                if ((undefined(name='kind') if l_3_kind is missing else l_3_kind) == 'outcome'):
                    pass
                    t_5.extend((
                        '<td class="outcome"><span class="',
                        escape(context.call(environment.getattr((undefined(name='tones') if l_0_tones is missing else l_0_tones), 'get'), l_3_text, 'plain', _loop_vars=_loop_vars)),
                        '">',
                        escape(l_3_text),
                        '</span></td>\n',
                    ))
                else:
                    pass
                    t_5.extend((
                        '<td class="',
                        escape((undefined(name='kind') if l_3_kind is missing else l_3_kind)),
                        '"><bdi>',
                        escape(l_3_text),
                        '</bdi></td>\n',
                    ))
            l_3_loop = l_3_text = l_3_kind = missing
            if environment.getattr(l_1_block, 'bars'):
                pass
                t_5.extend((
                    '<td class="drawn">',
                    escape(t_1(environment.getitem(environment.getattr(l_1_block, 'bars'), (undefined(name='place') if l_2_place is missing else l_2_place)))),
                    '</td>\n',
                ))
            t_5.append(
                '</tr>\n',
            )
            t_6 = 0
        l_2_loop = l_2_row = l_2_place = missing
        if t_6:
            pass
            t_5.extend((
                '<tr><td colspan="',
                escape(t_2(environment.getattr(l_1_block, 'columns'))),
                '" class="none">none</td></tr>\n',
            ))
        t_5.append(
            '</tbody>\n</table>\n</div>\n',
        )
        if environment.getattr(l_1_block, 'note'):
            pass
            t_5.extend((
                '<p class="note">',
                escape(environment.getattr(l_1_block, 'note')),
                '</p>\n',
            ))
        return concat(t_5)
    context.exported_vars.add('table')
    context.vars['table'] = l_0_table = Macro(environment, macro, 'table', ('block',), False, False, False, context.eval_ctx.autoescape)
    def macro(l_1_block):
        t_7 = []
        if l_1_block is missing:
            l_1_block = undefined("parameter 'block' was not provided", name='block')
        pass
        if (environment.getattr(l_1_block, 'kind') == 'fields'):
            pass
            t_7.extend((
                escape(context.call((undefined(name='fields') if l_0_fields is missing else l_0_fields), l_1_block)),
                '\n',
            ))
        elif (environment.getattr(l_1_block, 'kind') == 'prose'):
            pass
            for l_2_text in environment.getattr(l_1_block, 'paragraphs'):
                _loop_vars = {}
                pass
                t_7.extend((
                    '<p>',
                    escape(l_2_text),
                    '</p>\n',
                ))
            l_2_text = missing
        elif (environment.getattr(l_1_block, 'kind') == 'items'):
            pass
            t_7.extend((
                '<h3>',
                escape(environment.getattr(l_1_block, 'title')),
                '</h3>\n<ul>\n',
            ))
            for l_2_text in environment.getattr(l_1_block, 'items'):
                _loop_vars = {}
                pass
                t_7.extend((
                    '<li>',
                    escape(l_2_text),
                    '</li>\n',
                ))
            l_2_text = missing
            t_7.append(
                '</ul>\n',
            )
        elif (environment.getattr(l_1_block, 'kind') == 'drawing'):
            pass
            t_7.extend((
                '<figure>\n<figcaption>',
                escape(environment.getattr(environment.getattr(l_1_block, 'chart'), 'title')),
                '</figcaption>\n',
                escape(t_3(environment.getattr(l_1_block, 'chart'), 'wide', 960, 300)),
                '\n',
                escape(t_3(environment.getattr(l_1_block, 'chart'), 'narrow', 350, 300)),
                '\n</figure>\n',
            ))
        elif environment.getattr(l_1_block, 'folded'):
            pass
            t_7.extend((
                '<details>\n<summary>',
                escape(environment.getattr(l_1_block, 'caption')),
                '</summary>\n',
                escape(context.call((undefined(name='table') if l_0_table is missing else l_0_table), l_1_block)),
                '\n</details>\n',
            ))
        else:
            pass
            t_7.extend((
                escape(context.call((undefined(name='table') if l_0_table is missing else l_0_table), l_1_block)),
                '\n',
            ))
        return concat(t_7)
    context.exported_vars.add('show')
    context.vars['show'] = l_0_show = Macro(environment, macro, 'show', ('block',), False, False, False, context.eval_ctx.autoescape)
    yield '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; style-src \''
    yield escape((undefined(name='style_hash') if l_0_style_hash is missing else l_0_style_hash))
    yield '\'; base-uri \'none\'; form-action \'none\'">\n<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="color-scheme" content="light dark">\n<meta name="referrer" content="no-referrer">\n<meta name="robots" content="noindex">\n<title>'
    yield escape(environment.getattr((undefined(name='page') if l_0_page is missing else l_0_page), 'title'))
    yield ', '
    yield escape(environment.getattr((undefined(name='page') if l_0_page is missing else l_0_page), 'subtitle'))
    yield '</title>\n<style>'
    template = environment.get_template('summary.css', 'summary.html.jinja')
    gen = template.root_render_func(template.new_context(context.get_all(), True, {'fields': l_0_fields, 'show': l_0_show, 'table': l_0_table, 'tones': l_0_tones}))
    try:
        for event in gen:
            yield event
    finally: gen.close()
    yield '</style>\n</head>\n<body>\n<header>\n<p class="kicker">Evidence summary</p>\n<h1><bdi>'
    yield escape(environment.getattr((undefined(name='page') if l_0_page is missing else l_0_page), 'title'))
    yield '</bdi></h1>\n<p class="subtitle">'
    yield escape(environment.getattr((undefined(name='page') if l_0_page is missing else l_0_page), 'subtitle'))
    yield '</p>\n<p class="bundle"><bdi>'
    yield escape(environment.getattr((undefined(name='page') if l_0_page is missing else l_0_page), 'bundle'))
    yield '</bdi></p>\n'
    if environment.getattr((undefined(name='page') if l_0_page is missing else l_0_page), 'status'):
        pass
        yield '<div class="banner" role="note">\n'
        for l_1_line in environment.getattr((undefined(name='page') if l_0_page is missing else l_0_page), 'status'):
            _loop_vars = {}
            pass
            yield '<p>'
            yield escape(l_1_line)
            yield '</p>\n'
        l_1_line = missing
        yield '</div>\n'
    if environment.getattr((undefined(name='page') if l_0_page is missing else l_0_page), 'notice'):
        pass
        yield '<p class="notice">'
        yield escape(environment.getattr((undefined(name='page') if l_0_page is missing else l_0_page), 'notice'))
        yield '</p>\n'
    yield '</header>\n<main>\n<section aria-labelledby="scope">\n<h2 id="scope">What was asked</h2>\n'
    yield escape(context.call((undefined(name='fields') if l_0_fields is missing else l_0_fields), environment.getattr((undefined(name='page') if l_0_page is missing else l_0_page), 'scope')))
    yield '\n<dl class="figures">\n'
    for l_1_figure in environment.getattr((undefined(name='page') if l_0_page is missing else l_0_page), 'figures'):
        _loop_vars = {}
        pass
        yield '<div><dt>'
        yield escape(environment.getattr(l_1_figure, 'label'))
        yield '</dt><dd>'
        yield escape(environment.getattr(l_1_figure, 'value'))
        yield '</dd></div>\n'
    l_1_figure = missing
    yield '</dl>\n</section>\n'
    for l_1_section in environment.getattr((undefined(name='page') if l_0_page is missing else l_0_page), 'sections'):
        _loop_vars = {}
        pass
        yield '<section aria-labelledby="'
        yield escape(environment.getattr(l_1_section, 'anchor'))
        yield '">\n<h2 id="'
        yield escape(environment.getattr(l_1_section, 'anchor'))
        yield '">'
        yield escape(environment.getattr(l_1_section, 'title'))
        yield '</h2>\n<div class="parts'
        if (environment.getattr(l_1_section, 'columns') == 2):
            pass
            yield ' pair'
        yield '">\n'
        for l_2_block in environment.getattr(l_1_section, 'blocks'):
            _loop_vars = {}
            pass
            yield '<div class="part">\n'
            yield escape(context.call((undefined(name='show') if l_0_show is missing else l_0_show), l_2_block, _loop_vars=_loop_vars))
            yield '</div>\n'
        l_2_block = missing
        yield '</div>\n</section>\n'
    l_1_section = missing
    yield '</main>\n<footer>\n<p>'
    yield escape(environment.getattr((undefined(name='page') if l_0_page is missing else l_0_page), 'footer'))
    yield '</p>\n</footer>\n</body>\n</html>\n'

blocks = {}
debug_info = '1=32&2=35&4=43&5=48&9=68&10=73&11=77&13=82&14=84&17=87&18=93&20=104&26=114&27=118&29=124&30=128&31=130&32=134&34=143&37=149&38=153&42=165&47=171&48=175&51=181&52=186&53=189&54=192&55=194&56=199&58=203&59=207&61=210&62=215&65=222&67=226&68=228&69=230&71=233&73=237&74=239&77=245&84=252&89=254&90=258&95=265&96=267&97=269&98=271&100=274&101=278&105=282&106=285&112=288&114=290&115=294&119=300&120=304&121=306&122=310&123=314&125=318&132=324'
