//! dev
#![allow(missing_docs)]
use kaiban_definition::*; use kaiban_scenario::*; use std::path::Path;
fn read(root:&Path, folder:&Path, files:&mut Files){ for e in std::fs::read_dir(folder).unwrap(){ let p=e.unwrap().path(); if p.is_dir(){read(root,&p,files)} else { files.insert(p.strip_prefix(root).unwrap().to_string_lossy().into_owned(), std::fs::read_to_string(&p).unwrap()); } } }
fn main(){ let args:Vec<String>=std::env::args().collect(); let root=Path::new(&args[1]); let update=args.iter().any(|a|a=="-u"); let mut files=Files::new(); read(root,root,&mut files);
 let (w,f)=load(&files); if !f.is_empty(){ println!("{}",render(&f,&files)); }
 let mut cov:Vec<Coverage>=w.definitions.iter().map(|d|Coverage::new(d)).collect();
 for path in scenarios(&files){ if args.len()>2 && !args[2].starts_with('-') && !path.contains(&args[2]) {continue}
  let text=files.get(path).unwrap(); let (s,mut f)=parse(path,text); f.extend(check(&s,w.definition(s.workflow()).unwrap(),&w.directory,&files)); if !f.is_empty(){println!("{}",render(&f,&files)); continue}
  match play(&s,&w,&files,&mut EngineDriver::new(&w)){ Err(e)=>println!("{}",render(&[e],&files)), Ok(p)=>{ for c in &mut cov { let d=w.definition(&c.workflow).unwrap(); for j in p.journals.values(){c.add(d,j)} } for m in &p.mismatches{println!("{path}:{}\n{}",m.line,diff(&m.expected,&m.actual))} if update {std::fs::write(root.join(path), rewrite(&s,text,&p)).unwrap();} println!("{} {path}", if p.mismatches.is_empty(){"ok"}else{"differs"}); } } }
 for c in &cov { println!("{} {}/{} {}% {:?}", c.workflow, c.exercised(), c.transitions.len(), c.percent(), c.missed_by_step()); } }
